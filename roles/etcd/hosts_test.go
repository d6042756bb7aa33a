package etcd

import (
	"context"
	"testing"
	"time"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/modules/fake"
	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/roletest"
)

// inventory has the etcd hosts db1, db2, db3 and a balancer.
func inventory(section string) roletest.Cluster {
	c := roletest.Cluster{
		Name:     "orders",
		Registry: runner.Registry{{Name: Name, New: New}},
		Patience: 5 * time.Second,
	}
	for i, m := range three() {
		c.Hosts = append(c.Hosts, roletest.Host{
			Name: m.Name, Address: "10.0.0." + number(uint64(i+1)), Groups: []string{Name}, Sections: map[string]string{Name: section},
		})
	}
	c.Hosts = append(c.Hosts, roletest.Host{Name: "lb1", Address: "10.0.0.9", Groups: []string{"balancers"}})
	return c
}

// bare is a host that can install etcd.
func bare(version string) *fake.Host {
	h := fake.New()
	h.Put("/lib/systemd/system/.keep", "")
	h.Offer(
		fake.Package{Name: "etcd-server", Version: version, Units: []string{"etcd.service"}, Users: []string{"etcd"},
			Files: map[string]string{packageSums: version + "\n"}},
		fake.Package{Name: "etcd-client", Version: version},
	)
	return h
}

// join lets a host's etcd start as a member of the simulated cluster.
func (s *simulator) join(h *fake.Host, name string) {
	h.OnJob(unit, func(verb string) error {
		if verb == "start-no-block" || verb == "restart" {
			h.Put("/var/lib/etcd/orders/member/wal/0.wal", "log")
			s.set(func() { s.start(name) })
		}
		return nil
	})
}

// start is what a member does when its etcd starts: with a quorum all that run
// publish their addresses.
func (s *simulator) start(name string) {
	for i, l := range listed() {
		if l.Name != name {
			continue
		}
		peer := three()[i]
		for _, m := range s.members {
			if m.PeerURLs[0] == peer.PeerURL {
				m.Name, m.up = name, true
			}
		}
	}
	if !s.quorum() {
		return
	}
	for _, m := range s.members {
		for _, known := range three() {
			if m.up && known.PeerURL == m.PeerURLs[0] {
				m.ClientURLs = []string{known.ClientURL}
			}
		}
	}
	if s.leader == 0 {
		s.leader = s.members[0].ID
	}
}

// hear lets a host hear what others announce.
func hear(h *fake.Host, others map[string]*fake.Host) {
	for _, m := range three() {
		other, ok := others[m.Name]
		if !ok || other == h {
			continue
		}
		h.Handle("GET", m.PeerURL+noDataPath, func(r modules.Request) (*modules.Response, error) {
			text := other.Announced(hostPort(m.PeerURL), noDataPath)
			if text == "" {
				return h.Get(context.Background(), modules.Request{URL: m.PeerURL + "/none"})
			}
			return &modules.Response{Status: 200, Header: map[string]string{}, Body: []byte(text)}, nil
		})
	}
}

// asMember is a host that runs as a member with data.
func asMember(t *testing.T, s *simulator, section string) *fake.Host {
	t.Helper()
	return asMemberOf(t, s, section, "3.5.16-4")
}

func asMemberOf(t *testing.T, s *simulator, section, version string) *fake.Host {
	t.Helper()
	h := bare(version)
	s.on(h)
	s.join(h, s.me)
	h.Put("/var/lib/etcd/orders/member/wal/0.wal", "log")
	if steps, err := inventory(section).Apply(t, s.me, Name, h, false); err != nil {
		t.Fatalf("%v\n%s", err, steps)
	}
	return h
}
