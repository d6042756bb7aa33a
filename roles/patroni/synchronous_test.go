package patroni

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/modules/fake"
	"github.com/pgrun/pgrun/roles/published"
	"github.com/pgrun/pgrun/runner"
)

// group is an observer in a cluster of hosts whose Patronis say their version;
// "" does not answer.
func group(t *testing.T, h *fake.Host, versions ...string) *runner.Observer {
	t.Helper()
	var peers []runner.Peer
	for i, version := range versions {
		p := runner.Peer{Name: fmt.Sprintf("db%d", i+1), Address: netip.MustParseAddr(fmt.Sprintf("10.0.0.1%d", i+1)), Groups: []string{"postgres"}}
		text, err := json.Marshal(published.Patroni{RESTPort: 8008})
		if err != nil {
			t.Fatal(err)
		}
		p = p.WithPublished(map[string]json.RawMessage{Name: text})
		peers = append(peers, p)
		if version != "" {
			base := "http://" + p.Address.String() + ":8008"
			h.Serve("GET", base+"/patroni", 200, `{"state":"running","patroni":{"version":"`+version+`"}}`)
			h.Serve("GET", base+"/cluster", 200, `{"members":[]}`)
		}
	}
	return &runner.Observer{View: runner.NewView("orders", peers[0], peers, nil, nil), Reader: h}
}

// A member that does not know quorum takes it for off: one is enough for all
// to stay with on.
func TestSynchronousModeOfAll(t *testing.T) {
	for _, c := range []struct{ mode, versions, live, want string }{
		{"auto", "4.0.7 4.1.5 4.0.7", "false", "quorum"},
		{"auto", "4.0.7 3.0.2 4.0.7", "true", "on"},
		{"auto", "3.0.2 3.0.2 3.0.2", "false", "on"},
		{"auto", "4.0.7 - 4.0.7", "true", "on"},
		{"auto", "4.0.7 - 4.0.7", `"quorum"`, "quorum"},
		{"auto", "4.0.7 - 4.0.7", "false", "on"},
		{"auto", "4.0.7 4.0.7", "true", "off"},
		{"auto", "4.0.7", "false", "off"},
		{"on", "4.0.7 4.0.7", "false", "on"},
		{"off", "4.0.7 4.0.7 4.0.7", `"quorum"`, "off"},
	} {
		versions := strings.Fields(c.versions)
		for i, version := range versions {
			versions[i] = strings.Trim(version, "-")
		}
		h := fake.New()
		h.Serve("GET", "http://10.0.0.11:8008/config", 200, `{"synchronous_mode":`+c.live+`}`)
		decided, err := (&Role{SynchronousMode: c.mode}).withCommonMode(t.Context(), group(t, h, versions...))
		if err != nil || decided.SynchronousMode != c.want {
			t.Errorf("%s, %s, live %s: %+v, %v, want %s", c.mode, c.versions, c.live, decided, err, c.want)
		}
	}
}

// A member that takes quorum for off would lead without waiting for anybody.
func TestAnOldPatroniStaysOutOfAQuorum(t *testing.T) {
	for _, c := range []struct {
		version, live string
		refused       bool
	}{
		{"3.0.2-1", `"quorum"`, true}, {"3.0.2-1", "true", false}, {"4.0.7-1", `"quorum"`, false}, {"", `"quorum"`, false},
	} {
		h := fake.New()
		if c.version != "" {
			h.Install(fake.Package{Name: "patroni", Version: c.version})
		}
		h.Serve("GET", "http://10.0.0.12:8008/config", 200, `{"synchronous_mode":`+c.live+`}`)
		o := group(t, h, "", "4.0.7", "4.0.7")
		err := (&Role{SynchronousMode: "auto"}).refuseLiveQuorum(t.Context(), &runner.Target{Observer: o})
		if runner.IsRefused(err) != c.refused || err != nil && !c.refused {
			t.Errorf("%s beside %s: %v", c.version, c.live, err)
		}
	}
}

func TestSynchronousModeOfANewCluster(t *testing.T) {
	for version, want := range map[string]string{"4.0.7-3~deb13u1": "quorum", "3.0.2-1": "on", "": "on"} {
		h := fake.New()
		if version != "" {
			h.Install(fake.Package{Name: "patroni", Version: version})
		}
		decided, err := (&Role{SynchronousMode: "auto"}).withOwnMode(t.Context(), group(t, h, "", "", ""))
		if err != nil || decided.SynchronousMode != want {
			t.Errorf("%s: %v, %v, want %s", version, decided.SynchronousMode, err, want)
		}
	}
}
