package etcd

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/modules/fake"
)

func TestReplace(t *testing.T) {
	for name, c := range map[string]struct {
		arrange func(*simulator)
		due     string
		calls   []string
	}{
		"its data is gone": {
			func(s *simulator) { s.member("db1").up = false },
			"etcd knows it, but its data is gone",
			[]string{"/v3/cluster/member/remove", "/v3/cluster/member/add", "/v3/cluster/member/promote"},
		},
		"it is new": {
			func(s *simulator) { s.members = s.members[1:] },
			"etcd does not know it yet",
			[]string{"/v3/cluster/member/add", "/v3/cluster/member/promote"},
		},
		"killed after it was added": {
			func(s *simulator) {
				s.members[0] = &simulated{Listed: Listed{ID: 98, PeerURLs: []string{"http://10.0.0.1:2380"}, Learner: true}}
			},
			"etcd waits for it",
			[]string{"/v3/cluster/member/promote"},
		},
		"it was founded under a wrong address": {
			func(s *simulator) {
				s.members[0] = &simulated{Listed: Listed{ID: 97, Name: "db1", PeerURLs: []string{"http://10.9.9.9:2380"}}}
			},
			"etcd does not know it yet",
			[]string{"/v3/cluster/member/remove", "/v3/cluster/member/add", "/v3/cluster/member/promote"},
		},
	} {
		t.Run(name, inBubble(func(t *testing.T) {
			s := threeHealthy("db1")
			c.arrange(s)
			h := bare("3.5.16-4")
			s.on(h)
			s.join(h, "db1")
			replace := inventory("").Action(t, "db1", Name, "replace")
			o := inventory("").Observer(t, "db1", Name, h)
			if why, err := replace.Due(t.Context(), o); err != nil || why != c.due {
				t.Fatalf("due: %q, %v", why, err)
			}
			if err := replace.Gate(t.Context(), o); err != nil {
				t.Fatal(err)
			}
			target, steps := inventory("").Target(t, "db1", Name, h, false)
			if err := replace.Do(t.Context(), target); err != nil {
				t.Fatalf("%v\n%s", err, steps)
			}
			if !slices.Equal(s.calls, c.calls) {
				t.Errorf("it called %v, want %v\n%s", s.calls, c.calls, steps)
			}
			if !strings.Contains(h.Content(configPath), "initial-cluster-state: existing") || !strings.Contains(h.Content(configPath), all) {
				t.Errorf("it began otherwise:\n%s", h.Content(configPath))
			}
			if why, err := replace.Due(t.Context(), o); err != nil || why != "" {
				t.Errorf("still due: %q, %v", why, err)
			}
			second, err := inventory("").Apply(t, "db1", Name, h, false)
			if err != nil || len(second.Changed()) > 0 {
				t.Errorf("the next run: %v\n%s", err, second)
			}
		}))
	}
}

// inBubble runs a test on a clock that does not make it wait.
func inBubble(test func(*testing.T)) func(*testing.T) {
	return func(t *testing.T) { synctest.Test(t, test) }
}

// old is a member that the inventory does not name.
func old() *simulated {
	return &simulated{Listed: Listed{ID: 97, Name: "old", PeerURLs: []string{"http://10.0.0.7:2380"}, ClientURLs: []string{"http://10.0.0.7:2379"}}, version: "3.5.16", applied: 1000}
}

// A member is not removed, and none is added, while there is any doubt.
func TestReplaceIsRefused(t *testing.T) {
	elsewhere := func(s *simulator) {
		s.members[0] = old()
		s.members[0].Name = "db1"
	}
	for name, c := range map[string]struct {
		arrange func(*simulator)
		host    func(*fake.Host)
		want    string
	}{
		"its namesake is healthy": {func(s *simulator) { elsewhere(s); s.members[0].up = true }, nothing, "db1 answers at http://10.0.0.7:2380 and is not removed"},
		"its namesake comes back": {func(s *simulator) {
			elsewhere(s)
			time.AfterFunc(goneFor/2, func() { s.set(func() { s.members[0].up = true }) })
		}, nothing, "db1 answers at http://10.0.0.7:2380 and is not removed"},
		"one is a learner still":  {func(s *simulator) { s.members = s.members[1:]; s.member("db2").Learner = true }, nothing, "db2 is a learner still"},
		"only one of the others":  {func(s *simulator) { s.member("db1").up, s.member("db2").up = false, false }, nothing, "no leader"},
		"record of another":       {func(s *simulator) { s.member("db1").up = false }, func(h *fake.Host) { h.Put("/var/lib/pgrun/etcd-orders.json", `{"cluster_id":"c2"}`) }, "db1 was a member of cluster c2 by its own record, and this is cluster c1"},
		"etcd runs on other data": {nobodyElse, func(h *fake.Host) { h.SetUnit(modules.Unit{Name: unit, ActiveState: "active"}) }, "not with the data in /var/lib/etcd/orders"},
		"it waits for its quorum": {nobodyElse, func(h *fake.Host) { h.SetUnit(modules.Unit{Name: unit, ActiveState: "activating", SubState: "start"}) }, "not with the data in /var/lib/etcd/orders"},
	} {
		t.Run(name, inBubble(func(t *testing.T) {
			s := threeHealthy("db1")
			c.arrange(s)
			h := bare("3.5.16-4")
			h.Install(fake.Package{Name: "etcd-server", Version: "3.5.16-4", Units: []string{unit}, Users: []string{"etcd"}})
			c.host(h)
			s.on(h)
			s.join(h, "db1")
			target, steps := inventory("").Target(t, "db1", Name, h, false)
			err := inventory("").Action(t, "db1", Name, "replace").Do(t.Context(), target)
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%v, want %q\n%s", err, c.want, steps)
			}
			if len(s.calls) > 0 || strings.Contains(h.Log(), "job start") {
				t.Errorf("it went on: %v\n%s", s.calls, h.Log())
			}
		}))
	}
}

func nothing(*fake.Host) {}

func nobodyElse(s *simulator) { s.member("db1").up = false }

// The answer to the first promotion may be lost.
func TestPromotionAnsweredTwice(t *testing.T) {
	s := threeHealthy("db1")
	s.member("db1").Learner = true
	h := bare("3.5.16-4")
	s.on(h)
	h.Handle("POST", "http://10.0.0.2:2379/v3/cluster/member/promote", func(modules.Request) (*modules.Response, error) {
		s.set(func() { s.member("db1").Learner = false })
		return nil, errors.New("connection reset")
	})
	h.Put(walPath, wal(1, 0xc1))
	target, steps := inventory("").Target(t, "db1", Name, h, false)
	inBubble(func(t *testing.T) {
		if err := inventory("").Action(t, "db1", Name, "replace").Do(t.Context(), target); err != nil {
			t.Errorf("%v\n%s", err, steps)
		}
	})(t)
}

func TestReplaceIsNotDueOnMembersAndOthers(t *testing.T) {
	s := threeHealthy("db1")
	h := asMember(t, s, "")
	for host, machine := range map[string]*fake.Host{"db1": h, "lb1": fake.New()} {
		why, err := inventory("").Action(t, host, Name, "replace").Due(t.Context(), inventory("").Observer(t, host, Name, machine))
		if err != nil || why != "" {
			t.Errorf("%s: %q, %v", host, why, err)
		}
	}
}
