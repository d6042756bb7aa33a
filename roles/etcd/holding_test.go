package etcd

import (
	"encoding/binary"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/modules/fake"
	"github.com/pgrun/pgrun/runner"
)

const walPath = "/var/lib/etcd/orders/member/wal/0000000000000000-0000000000000000.wal"

// wal is how the write-ahead log of a member begins.
func wal(member, cluster uint64) string {
	ids := binary.AppendUvarint([]byte{8}, member)
	ids = binary.AppendUvarint(append(ids, 16), cluster)
	record := append([]byte{8, 1, 16, 0, 26, byte(len(ids))}, ids...)
	padding := (8 - len(record)%8) % 8
	frame := uint64(len(record))
	if padding > 0 {
		frame |= uint64(0x80|padding) << 56
	}
	text := []byte{4, 0, 0, 0, 0, 0, 0, 0x84, 8, 4, 16, 0, 0, 0, 0, 0}
	text = append(binary.LittleEndian.AppendUint64(text, frame), record...)
	return string(text) + strings.Repeat("\x00", padding+32)
}

// The head of a log that etcd 3.5 wrote.
func TestIdentity(t *testing.T) {
	head, err := hex.DecodeString("040000000000008408041000000000001f00000000000081080110fa95d8b103" +
		"1a1508a5b3aef7f9ef9da09e01108de8c6d587a986e57d000e00000000000082080510" + "89d7fcbb041a0408001000")
	if err != nil {
		t.Fatal(err)
	}
	if got, want := readIdentity(head), (identity{0x9e40777f9eeb99a5, 0x7dca19487ab1b40d}); got != want {
		t.Errorf("%x, want %x", got, want)
	}
	for cut := range len(head) {
		if got := readIdentity(head[:cut]); got != (identity{}) && cut < 55 {
			t.Errorf("%d bytes give %x", cut, got)
		}
	}
	if got := readIdentity([]byte(wal(7, 0xc1))); got != (identity{7, 0xc1}) {
		t.Errorf("%x", got)
	}
	for _, broken := range []string{"", "log", strings.Repeat("\x00", 256), strings.Repeat("\xff", 256)} {
		if got := readIdentity([]byte(broken)); got != (identity{}) {
			t.Errorf("%q gives %x", broken, got)
		}
	}
}

const keptConfig = "initial-advertise-peer-urls: http://10.0.0.1:2380\nadvertise-client-urls: http://10.0.0.1:2379\ninitial-cluster: \"" + all + "\"\ninitial-cluster-state: new\n"

// What a host with data may not do: every case is refused before its etcd is
// started and its files are written.
func TestDataThatMustNotRun(t *testing.T) {
	moved := strings.ReplaceAll(keptConfig, "10.0.0.1:", "10.0.0.7:")
	for name, c := range map[string]struct {
		wal, config, marker string
		active              bool
		arrange             func(*simulator)
		want                string // "": it starts
	}{
		"its own":                        {wal: wal(1, 0xc1), config: keptConfig},
		"its own, the first to start":    {wal: wal(1, 0xc1), config: keptConfig, arrange: nobody},
		"its own, no quorum yet":         {wal: wal(1, 0xc1), config: keptConfig, arrange: func(s *simulator) { s.member("db3").up = false }},
		"its disk in a new machine":      {wal: wal(1, 0xc1)},
		"unreadable":                     {wal: "log", config: keptConfig},
		"another cluster's":              {wal: wal(1, 0xc2), want: "db1 has data of cluster c2 and db2 of cluster c1: there are two etcd clusters"},
		"another cluster's, recorded":    {wal: wal(1, 0xc2), marker: `{"cluster_id":"c1"}`, arrange: nobody, want: "is of etcd cluster c2, but db1 was a member of cluster c1 by its own record"},
		"another cluster has no quorum":  {wal: wal(1, 0xc2), arrange: func(s *simulator) { s.member("db3").up = false }, want: "there are two etcd clusters"},
		"removed":                        {wal: wal(55, 0xc1), config: keptConfig, want: "is of member 37, which the cluster removed"},
		"removed, but nobody to confirm": {wal: wal(55, 0xc1), config: keptConfig, arrange: nobody},
		"another member's copy":          {wal: wal(2, 0xc1), config: keptConfig, want: "is a copy of db2's"},
		"its address changed":            {wal: wal(1, 0xc1), config: moved, arrange: func(s *simulator) { s.member("db1").PeerURLs[0] = "http://10.0.0.7:2380" }, want: "etcdctl member update 1 --peer-urls=http://10.0.0.1:2380"},
		"changed, and etcd told":         {wal: wal(1, 0xc1), config: moved},
		"changed, no quorum":             {wal: wal(1, 0xc1), config: moved, arrange: func(s *simulator) { s.member("db1").PeerURLs[0] = "http://10.0.0.7:2380"; s.member("db3").up = false }, want: "There is no quorum to change that"},
		"all changed, none runs":         {wal: wal(1, 0xc1), config: moved, arrange: nobody, want: "db1 has data as the member at http://10.0.0.7:2380"},
		"client address changed, runs":   {wal: wal(1, 0xc1), config: strings.ReplaceAll(keptConfig, ":2379", ":4001"), active: true, want: "client address http://10.0.0.1:4001, and the inventory says http://10.0.0.1:2379"},
		"client address changed":         {wal: wal(1, 0xc1), config: strings.ReplaceAll(keptConfig, ":2379", ":4001")},
	} {
		t.Run(name, func(t *testing.T) {
			s := threeHealthy("db1")
			s.member("db1").up = false
			if c.arrange != nil {
				c.arrange(s)
			}
			h := bare("3.5.16-4")
			s.on(h)
			s.join(h, "db1")
			h.Put(walPath, c.wal)
			if c.config != "" {
				h.Put(configPath, c.config)
			}
			if c.marker != "" {
				h.Put("/var/lib/pgrun/etcd-orders.json", c.marker)
			}
			if c.active {
				h.Install(fake.Package{Name: "etcd-server", Version: "3.5.16-4", Units: []string{unit}, Users: []string{"etcd"}})
				h.SetUnit(modules.Unit{Name: unit, ActiveState: "active"})
			}
			inventory := inventory("")
			inventory.Patience = 1 // what is not refused may wait in vain
			steps, err := inventory.Apply(t, "db1", Name, h, false)
			started := strings.Contains(h.Log(), "job start")
			if c.want == "" {
				if runner.IsRefused(err) || !started {
					t.Errorf("%v\n%s", err, steps)
				}
				return
			}
			if !runner.IsRefused(err) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q", err, c.want)
			}
			if started || h.Content(configPath) != c.config || len(s.calls) > 0 {
				t.Errorf("it went on:\n%s", h.Log())
			}
		})
	}
}

func nobody(s *simulator) { s.member("db2").up, s.member("db3").up = false, false }
