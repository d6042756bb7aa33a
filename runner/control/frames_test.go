package control

import (
	"encoding/json"
	"io"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/wire"
)

func TestASectionLargerThanAFrameIsAProblemOfTheInput(t *testing.T) {
	l := newLab(t)
	big := strings.Replace(threeHosts, "size: 2", "size: 2, text: '"+strings.Repeat("x", wire.MaxFrame)+"'", 1)
	_, problems := l.run(big, onePlay, nil)
	if !strings.Contains(problems, "db2") || !strings.Contains(problems, "1 MiB") || len(l.events) > 0 {
		t.Fatalf("%.300s, %d events", problems, len(l.events))
	}
}

func TestPeersFitFrames(t *testing.T) {
	published := map[string]json.RawMessage{"etcd": json.RawMessage(`"` + strings.Repeat("x", 50_000) + `"`)}
	p := &Plan{fleet: &fleet{byName: map[string]*member{"db1": {cluster: "c"}}, clusters: map[string][]runner.Peer{}}}
	for range 250 {
		p.fleet.clusters["c"] = append(p.fleet.clusters["c"], runner.Peer{Name: "db1"}.WithPublished(published))
	}
	conn, sum := wire.New[wire.Request, wire.Reply](strings.NewReader(""), io.Discard), 0
	for _, peers := range p.peers("db1") {
		sum += len(peers)
		if err := conn.Send(wire.Request{Peers: peers}); err != nil {
			t.Fatal(err)
		}
	}
	if sum != 250 {
		t.Errorf("%d peers", sum)
	}
}
