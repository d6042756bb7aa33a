package etcd

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/modules/fake"
	"github.com/pgrun/pgrun/runner"
)

const formerConfig = "initial-cluster-token: orders\ndata-dir: /var/lib/etcd/orders\n"

// Before a run changes anything, etcd's members are held against the inventory.
func TestMembersThatContradictTheInventory(t *testing.T) {
	running := func(h *fake.Host) { h.SetUnit(modules.Unit{Name: unit, ActiveState: "active"}) }
	for name, c := range map[string]struct {
		arrange func(*simulator)
		host    func(*fake.Host)
		given   string
		want    string // "": it goes on
		skipped bool
	}{
		"as the inventory says":      {},
		"first deployment":           {arrange: func(s *simulator) { s.members = nil }, skipped: true},
		"all stopped":                {arrange: stopped, skipped: true},
		"one is unreachable":         {arrange: func(s *simulator) { s.member("db2").up = false }},
		"one never started":          {arrange: func(s *simulator) { s.members[1].ClientURLs, s.members[1].Name = nil, "" }},
		"replaced by a new address":  {arrange: func(s *simulator) { s.members[1] = old(); s.members[1].Name = "db2" }},
		"a stranger":                 {arrange: func(s *simulator) { s.members[1] = old(); s.members[1].up = true }, want: "old (http://10.0.0.7:2380) is a member, and the inventory does not have it"},
		"a stranger that is down":    {arrange: func(s *simulator) { s.members[1] = old() }, want: "`pgrun remove-node.yml -e host=old`"},
		"a stranger without a name":  {arrange: func(s *simulator) { s.members[1] = old(); s.members[1].Name = "" }, want: "-e host=10.0.0.7`"},
		"a stranger, no quorum":      {arrange: func(s *simulator) { s.members[1] = old(); s.member("db3").up = false }, want: "old (http://10.0.0.7:2380) is a member"},
		"a stranger that is removed": {arrange: func(s *simulator) { s.members[1] = old() }, given: "old"},
		"two addresses were swapped": {arrange: func(s *simulator) { s.members[1].Name, s.members[2].Name = "db3", "db2" }, want: "the member at http://10.0.0.2:2380 is db3, and the inventory calls the host there db2"},
		"one was renamed":            {arrange: func(s *simulator) { s.members[1].Name = "pg2" }, want: "is pg2, and the inventory calls the host there db2"},
		"the cluster has another name": {host: func(h *fake.Host) {
			h.Put(configPath, "initial-cluster-token: prod\ndata-dir: /var/lib/etcd/prod\n")
			h.Put("/var/lib/etcd/prod/member/wal/0.wal", "log")
		}, want: `a member of the cluster "prod"`},
		"another name, its data moved":  {host: func(h *fake.Host) { h.Put(configPath, "initial-cluster-token: prod\ndata-dir: /var/lib/etcd/prod\n") }},
		"the same name":                 {host: func(h *fake.Host) { h.Put(configPath, formerConfig); h.Put(walPath, wal(1, 0xc1)) }},
		"a stranger seen after a while": {arrange: func(s *simulator) { s.members[1] = old(); comeUp(s, tellingFor/2) }, host: running, want: "old (http://10.0.0.7:2380) is a member"},
		"it never tells":                {arrange: stopped, host: running, skipped: true},
	} {
		t.Run(name, inBubble(func(t *testing.T) {
			s := threeHealthy("db1")
			if c.arrange != nil {
				c.arrange(s)
			}
			h := bare("3.5.16-4")
			s.on(h)
			if c.host != nil {
				c.host(h)
			}
			in := inventory("")
			in.Given = map[string]string{departs: c.given}
			target, steps := in.Target(t, "db1", Name, h, false)
			err := in.Action(t, "db1", Name, "members").Do(t.Context(), target)
			if c.want == "" && err != nil || c.want != "" && (!runner.IsRefused(err) || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("%v, want %q", err, c.want)
			}
			if skipped := strings.Contains(steps.String(), "skipped: members of etcd"); skipped != c.skipped {
				t.Errorf("skipped %v:\n%s", skipped, steps)
			}
			if len(s.calls) > 0 || len(steps.Changed()) > 0 {
				t.Errorf("it changed something: %v\n%s", s.calls, steps)
			}
		}))
	}
}

// comeUp is an etcd that answers a while after its start.
func comeUp(s *simulator, after time.Duration) {
	stopped(s)
	time.AfterFunc(after, func() {
		s.set(func() {
			for _, m := range s.members {
				m.up = m.ID != 97
			}
		})
	})
}

// A run without the action members refuses as well, before a file is touched:
// what runs goes on as it is.
func TestApplyRefusesStrangers(t *testing.T) {
	for name, arrange := range map[string]func(*simulator){
		"a stranger":   func(s *simulator) { s.members[1] = old(); s.members[1].up = true },
		"were swapped": func(s *simulator) { s.members[1].Name, s.members[2].Name = "db3", "db2" },
	} {
		s := threeHealthy("db1")
		h := asMember(t, s, "")
		arrange(s)
		before := h.Content(configPath)
		steps, err := inventory("log_level: warn").Apply(t, "db1", Name, h, false)
		if !runner.IsRefused(err) || h.Content(configPath) != before || len(steps.Changed()) > 0 {
			t.Errorf("%s: %v\n%s", name, err, steps)
		}
	}
}

func TestAnotherClustersNameMakesNoFolder(t *testing.T) {
	h := bare("3.5.16-4")
	threeHealthy("db1").on(h)
	h.Put(configPath, "initial-cluster-token: prod\ndata-dir: /var/lib/etcd/prod\n")
	h.Put("/var/lib/etcd/prod/member/wal/0.wal", "log")
	_, err := inventory("").Apply(t, "db1", Name, h, false)
	if !runner.IsRefused(err) || !strings.Contains(err.Error(), "cluster.name cannot be changed") {
		t.Error(err)
	}
	if strings.Contains(h.Log(), "/var/lib/etcd/orders") {
		t.Errorf("a folder was made:\n%s", h.Log())
	}
}

// A member can have any URL put on the list: who asks does not follow it.
func TestOnlyHostsOfTheInventoryAreAsked(t *testing.T) {
	for _, address := range []string{"http://169.254.169.254:80", "http://127.0.0.1:9000", "http://localhost:2379", "http://10.9.9.9:2379", "http://10.0.0.2:2379/x?", "gopher://10.0.0.2:2379"} {
		s := threeHealthy("db1")
		s.members[1].ClientURLs, s.members[1].PeerURLs = []string{address}, []string{strings.Replace(address, "2379", "2380", 1)}
		s.members[1].Name = "db2"
		var asked []string
		h := fake.New()
		h.Handle("*", "*", func(r modules.Request) (*modules.Response, error) {
			asked = append(asked, r.URL)
			return s.serve(r)
		})
		_ = inventory("").Action(t, "db1", Name, "restart").Gate(t.Context(), inventory("").Observer(t, "db1", Name, h))
		if slices.ContainsFunc(asked, func(url string) bool { return strings.HasPrefix(url, address) }) || len(asked) == 0 {
			t.Errorf("%s: asked %q", address, asked)
		}
	}
}

func stopped(s *simulator) {
	for _, m := range s.members {
		m.up = false
	}
}
