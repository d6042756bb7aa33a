package patroni

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// whole is a healthy cluster of three, of which db1 leads.
func whole() view {
	c := clusterState{Members: []member{
		{Name: "db1", Role: "leader", State: "running", Timeline: 3},
		{Name: "db2", Role: "replica", State: "streaming", Timeline: 3},
		{Name: "db3", Role: "replica", State: "streaming", Timeline: 3, Lag: 100},
	}}
	v := view{Clusters: map[string]clusterState{}, Nodes: map[string]nodeState{}, Silent: map[string]error{}}
	for _, m := range c.Members {
		n := nodeState{State: "running", Role: "replica", ServerVersion: 170011, Timeline: 3}
		n.Patroni.Version = "4.0.7"
		if m.leads() {
			n.Role = "primary"
			n.Senders = []sender{{Name: "db2", State: "streaming"}, {Name: "db3", State: "streaming"}}
		}
		v.Nodes[m.Name], v.Clusters[m.Name] = n, c
	}
	return v
}

// change changes what all members read of one.
func (v view) change(name string, change func(*member)) view {
	for _, c := range v.Clusters {
		for i := range c.Members {
			if c.Members[i].Name == name {
				change(&c.Members[i])
			}
		}
	}
	return v
}

func (v view) node(name string, change func(*nodeState)) view {
	n := v.Nodes[name]
	change(&n)
	v.Nodes[name] = n
	return v
}

func (v view) cluster(name string, change func(*clusterState)) view {
	c := v.Clusters[name]
	change(&c)
	v.Clusters[name] = c
	return v
}

func TestGates(t *testing.T) {
	g := gate{members: []string{"db1", "db2", "db3"}}
	silent := whole()
	delete(silent.Nodes, "db3")
	delete(silent.Clusters, "db3")
	silent.Silent["db3"] = errors.New("connection refused")
	for _, c := range []struct {
		name    string
		gate    gate
		v       view
		refusal string
	}{
		{"healthy", g, whole(), ""},
		{"silent", g, silent, "the REST API of db3 does not answer (connection refused)"},
		{"paused", g, whole().cluster("db1", func(c *clusterState) { c.Pause = true }), "Patroni is paused"},
		{"scheduled", g, whole().cluster("db1", func(c *clusterState) { c.Switchover = []byte(`{"at":"soon"}`) }), "a switchover is scheduled"},
		{"starts, and etcd has it as it was", g, whole().node("db3", func(n *nodeState) { n.State = "starting" }), "PostgreSQL of db3 is starting"},
		{"no leader", g, whole().change("db1", func(m *member) { m.Role = "replica" }), "there is no single leader"},
		{"two leaders", g, whole().change("db2", func(m *member) { m.Role = "leader" }), `there is no single leader ("db1 and db2")`},
		{"do not agree", g, whole().cluster("db2", func(c *clusterState) { c.Members = nil }), "do not agree on the leader"},
		{"two primaries", g, whole().node("db3", func(n *nodeState) { n.Role = "primary" }), "PostgreSQL of db3 is primary"},
		{"Patroni 3 says master", g, whole().node("db1", func(n *nodeState) { n.Role = "master" }), ""},
		{"lag", g, whole().change("db3", func(m *member) { m.Lag = mostLag + 1 }), "db3 has a lag of 10485761 bytes"},
		{"unknown lag", g, whole().change("db3", func(m *member) { m.Lag = -1 }), "db3 has a lag of unknown length"},
		{"timeline", g, whole().change("db3", func(m *member) { m.Timeline = 2 }), "db3 is on timeline 2 and the leader on 3"},
		{"stopped", g, whole().change("db3", func(m *member) { m.State = "stopped" }), "db3 is stopped and does not stream"},
		{"Patroni 3 says running", g, whole().change("db3", func(m *member) { m.State = "running" }), ""},
		{"restart scheduled", g, whole().change("db3", func(m *member) { m.Restart = []byte(`{"schedule":"soon"}`) }), "db3 has a restart scheduled"},
		{"missing", gate{members: []string{"db1", "db2", "db3", "db4"}}, whole(), "db4 is no member in etcd"},
		{"a stranger", gate{members: []string{"db1", "db2"}}, whole(), "db3 is a member of the cluster, and the inventory does not have it"},
		{"a stranger leads", gate{members: []string{"db2", "db3"}}, lacking(whole(), "db1"), "db1 leads. db1 is a member of the cluster, and the inventory does not have it"},
		{"no synchronous standby", gate{members: g.members, synchronous: true}, whole(), "there is no synchronous standby"},
		{"synchronous standby", gate{members: g.members, synchronous: true}, whole().change("db2", func(m *member) { m.Role = "quorum_standby" }), ""},
		{"leftover tag", gate{members: g.members, tags: map[string]map[string]any{"db2": {}}},
			whole().change("db2", func(m *member) { m.Tags = map[string]any{"nofailover": true} }), "db2 has the tag nofailover"},
		{"wanted tag", gate{members: g.members, tags: map[string]map[string]any{"db2": {"nofailover": true}}},
			whole().change("db2", func(m *member) { m.Tags = map[string]any{"nofailover": true} }), ""},
	} {
		got := strings.Join(c.gate.refusals(c.v), "; ")
		if c.refusal == "" && got != "" || !strings.Contains(got, c.refusal) {
			t.Errorf("%s: %q, want %q", c.name, got, c.refusal)
		}
	}
}

func TestFollowed(t *testing.T) {
	after := func() view {
		return whole().change("db1", func(m *member) { m.Role, m.State, m.Timeline = "replica", "streaming", 4 }).
			change("db2", func(m *member) { m.Role, m.State, m.Timeline = "leader", "running", 4 }).
			node("db2", func(n *nodeState) { n.Role = "primary" })
	}
	if missing := followed(after(), "db1", 3); missing != "" {
		t.Errorf("followed: %s", missing)
	}
	for want, v := range map[string]view{
		"no other leads":        whole(),
		"is still on timeline":  after().change("db2", func(m *member) { m.Timeline = 3 }),
		"db1 is stopped":        after().change("db1", func(m *member) { m.State = "stopped" }),
		"not up as the leader":  after().node("db2", func(n *nodeState) { n.Role = "replica" }),
		"on the new timeline":   after().change("db1", func(m *member) { m.Timeline = 3 }),
		"does not stream on th": after().change("db1", func(m *member) { m.State = "in archive recovery" }),
	} {
		if missing := followed(v, "db1", 3); !strings.Contains(missing, want) {
			t.Errorf("%q, want %q", missing, want)
		}
	}
}

func TestCompareSharedMemory(t *testing.T) {
	running := map[string]int{"max_connections": 200, "max_wal_senders": 10, "max_worker_processes": 16}
	live := func(values map[string]any) map[string]any {
		return map[string]any{"postgresql": map[string]any{"parameters": values}}
	}
	for _, c := range []struct {
		live          map[string]any
		lower, higher string
	}{
		{live(map[string]any{"max_connections": "200"}), "[]", "[]"},
		{live(map[string]any{"max_connections": 100}), "[max_connections]", "[]"},
		{live(map[string]any{"max_connections": "300", "max_wal_senders": 5}), "[max_wal_senders]", "[max_connections]"},
		{nil, "[]", "[]"},
	} {
		lower, higher := compare(running, c.live)
		if fmt.Sprint(lower) != c.lower || fmt.Sprint(higher) != c.higher {
			t.Errorf("%v: lower %v, higher %v", c.live, lower, higher)
		}
	}
}

func TestSoftware(t *testing.T) {
	s := software{server: "postgresql-17", packages: map[string]modules.Offer{
		"postgresql-17": {Installed: "17.11-0+deb13u1", Candidate: "17.12-0+deb13u1"},
		"patroni":       {Installed: "4.0.7-3~deb13u1", Candidate: "4.0.7-3~deb13u1"},
	}, node: whole().Nodes["db1"]}
	if got := strings.Join(s.outdated(), ", "); got != "postgresql-17 17.11-0+deb13u1 -> 17.12-0+deb13u1" {
		t.Errorf("outdated: %s", got)
	}
	if patroni, server, err := s.behind(); patroni != "" || server != "" || err != nil {
		t.Errorf("behind: %q, %q, %v", patroni, server, err)
	}
	if s.upgraded()(s.node) {
		t.Error("a member that runs the old version counts as upgraded")
	}
	s.packages["postgresql-17"] = modules.Offer{Installed: "17.12-0+deb13u1", Candidate: "17.12-0+deb13u1"}
	if _, server, _ := s.behind(); server != "PostgreSQL 17.12 is installed and 17.11 runs" {
		t.Errorf("behind: %q", server)
	}
}

func TestTransactions(t *testing.T) {
	for _, c := range []struct {
		x       *transaction
		refused bool
	}{{nil, false}, {&transaction{Seconds: 14}, false}, {&transaction{Seconds: 16, User: "app"}, true}} {
		if err := c.x.refused("db1", 15); runner.IsRefused(err) != c.refused {
			t.Errorf("%+v: %v", c.x, err)
		}
	}
}

func TestUnequal(t *testing.T) {
	if got := unequal(whole()); len(got) != 0 {
		t.Errorf("equal members: %v", got)
	}
	if got := unequal(whole().node("db2", func(n *nodeState) { n.ServerVersion = 170012 })); len(got) != 1 {
		t.Errorf("a newer member: %v", got)
	}
	if got := unequal(whole().node("db2", func(n *nodeState) { n.PendingRestart = true })); len(got) != 1 {
		t.Errorf("a pending restart: %v", got)
	}
}

func TestUnsynchronized(t *testing.T) {
	for _, c := range []struct {
		name, missing string
		v             view
	}{
		{"could be", "none of db2, db3 is yet", whole()},
		{"is", "", whole().change("db3", func(m *member) { m.Role = "sync_standby" })},
		{"must not be", "none of db2 is yet", whole().change("db3", func(m *member) { m.Tags = map[string]any{"nosync": true} })},
		{"none streams", "", whole().node("db1", func(n *nodeState) { n.Senders = nil })},
		{"the leader does not answer", "no leader says to whom it streams", lacking(whole(), "db1")},
		{"one catches up", "none of db3 is yet", whole().node("db1", func(n *nodeState) {
			n.Senders = []sender{{Name: "db2", State: "catchup"}, {Name: "db3", State: "streaming"}}
		})},
	} {
		if got := unsynchronized(c.v.Clusters["db2"], c.v); got != c.missing {
			t.Errorf("%s: %q, want %q", c.name, got, c.missing)
		}
	}
}

// lacking is what the others say.
func lacking(v view, name string) view {
	delete(v.Nodes, name)
	delete(v.Clusters, name)
	return v
}
