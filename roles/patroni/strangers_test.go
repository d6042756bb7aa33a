package patroni_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

const membersKey = "/service/orders/members/"

// Before a run changes anything, Patroni's members are held against the
// inventory, and this host against what it was.
func TestMembersThatContradictTheInventory(t *testing.T) {
	registered := func(s *store, names ...string) {
		for _, name := range names {
			s.put(membersKey+name, `{"role":"replica","state":"running"}`, s.grant("30"))
		}
	}
	runs := func(m *machine) { m.SetUnit(modules.Unit{Name: "patroni.service", ActiveState: "active"}) }
	for name, c := range map[string]struct {
		arrange func(*store, *machine)
		given   string
		want    string // "": it goes on
		skipped bool
	}{
		"first deployment":         {arrange: func(*store, *machine) {}},
		"as the inventory says":    {arrange: func(s *store, _ *machine) { registered(s, "db1", "db2", "db3") }},
		"one is away":              {arrange: func(s *store, _ *machine) { registered(s, "db1", "db3") }},
		"a stranger":               {arrange: func(s *store, _ *machine) { registered(s, "db1", "db2", "db3", "db4") }, want: "db4 is a member of the cluster, and the inventory does not have it in the group postgres"},
		"a key that no lease ends": {arrange: func(s *store, _ *machine) { s.put(membersKey+"db4", "", "") }, want: "`pgrun remove-node.yml -e host=db4`"},
		"a stranger that goes":     {arrange: func(s *store, _ *machine) { registered(s, "db4") }, given: "db4"},
		"another cluster's":        {arrange: func(s *store, _ *machine) { s.put("/service/orders2/members/db9", "", "") }},
		"no etcd yet":              {arrange: func(_ *store, m *machine) { noEtcd(m) }, skipped: true},
		"no etcd, Patroni runs":    {arrange: func(_ *store, m *machine) { noEtcd(m); runs(m) }, skipped: true},
		"etcd after a while": {arrange: func(s *store, m *machine) {
			noEtcd(m)
			runs(m)
			registered(s, "db4")
			time.AfterFunc(5*time.Second, func() { s.serve(m) })
		}, want: "db4 is a member"},
		"another major version": {arrange: func(_ *store, m *machine) { m.Put("/var/lib/postgresql/16/orders/global/pg_control", "x") }, want: "cluster.postgres_version is 17, and this host's data in /var/lib/postgresql/16/orders is of PostgreSQL 16"},
		"both major versions": {arrange: func(_ *store, m *machine) {
			m.Put("/var/lib/postgresql/16/orders/global/pg_control", "x")
			m.Put("/var/lib/postgresql/17/orders/global/pg_control", "x")
		}},
		"another cluster's name": {arrange: func(_ *store, m *machine) {
			m.Put("/etc/patroni/config.yml", "scope: prod\nname: db1\n")
			runs(m)
		}, want: "the cluster's name was prod and is orders (cluster.name)"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, m := newStore(), newMachine(t, "db1")
				s.serve(m)
				c.arrange(s, m)
				in := three(nil)
				in.Given = map[string]string{"host": c.given}
				target, steps := in.Target(t, "db1", "patroni", m, false)
				err := in.Action(t, "db1", "patroni", "members").Do(t.Context(), target)
				if c.want == "" && err != nil || c.want != "" && (!runner.IsRefused(err) || !strings.Contains(err.Error(), c.want)) {
					t.Errorf("%v, want %q", err, c.want)
				}
				if skipped := strings.Contains(steps.String(), "skipped: members of Patroni"); skipped != c.skipped {
					t.Errorf("skipped %v:\n%s", skipped, steps)
				}
				if m.Log() != "" {
					t.Errorf("it changed something:\n%s", m.Log())
				}
			})
		})
	}
}

func noEtcd(m *machine) { m.Serve("POST", "http://10.0.0.11:2379/v3/*", 503, `{"error":"no leader"}`) }

// A run without the action members refuses as well.
func TestApplyRefusesStrangers(t *testing.T) {
	s, m := saying("db1", "db2", "db3"), newMachine(t, "db1")
	s.serve(m)
	s.put(membersKey+"db4", "", s.grant("30"))
	_, err := three(nil).Apply(t, "db1", "patroni", m, false)
	if !runner.IsRefused(err) || !strings.Contains(err.Error(), "db4 is a member") || m.Content("/etc/patroni/config.yml") != "" {
		t.Errorf("%v\n%s", err, m.Log())
	}
}
