package patroni

import (
	"strings"
	"testing"
)

func TestSuccessor(t *testing.T) {
	newer := func(n nodeState) bool { return n.ServerVersion > 170011 }
	due := func(n *nodeState) { n.PendingRestart = true }
	tag := func(name string, value any) func(*member) {
		return func(m *member) { m.Tags = map[string]any{name: value} }
	}
	role := func(role string) func(*member) { return func(m *member) { m.Role = role } }
	for _, c := range []struct {
		name, want string
		v          view
		who        successor
	}{
		{"the first of equals", "db2", whole(), successor{}},
		{"a lag that the gates allow is none", "db2", whole().change("db2", func(m *member) { m.Lag = mostLag }), successor{}},
		{"a long lag", "db3", whole().change("db2", func(m *member) { m.Lag = 2 * mostLag }), successor{}},
		{"synchronous first", "db3", whole().change("db3", role("sync_standby")), successor{}},
		{"synchronous, though a restart is due", "db3", whole().change("db3", role("sync_standby")).node("db3", due), successor{}},
		{"nofailover", "db3", whole().change("db2", tag("nofailover", true)), successor{}},
		{"priority", "db3", whole().change("db3", tag("failover_priority", float64(2))), successor{}},
		{"not streaming", "db3", whole().change("db2", func(m *member) { m.State = "starting" }), successor{}},
		{"one without a restart due", "db3", whole().node("db2", due), successor{}},
		{"before priority", "db3", whole().node("db2", due).change("db2", tag("failover_priority", float64(9))), successor{}},
		{"all have one due", "db2", whole().node("db2", due).node("db3", due), successor{}},
		{"those that will have had their turn", "db2", whole().node("db2", due), successor{due: func(name string) bool { return name == "db3" }}},
		{"upgraded", "db3", whole().node("db3", func(n *nodeState) { n.ServerVersion = 170012 }), successor{suitable: newer}},
		{"none upgraded", "db2 does not run the new version; db3 does not", whole(), successor{suitable: newer}},
		{"named", "db3", whole(), successor{named: "db3"}},
		{"named, lags", "db3 cannot take over: it has a lag", whole().change("db3", func(m *member) { m.Lag = 2 * mostLag }), successor{named: "db3"}},
		{"named, nofailover", "it is tagged nofailover", whole().change("db3", tag("nofailover", true)), successor{named: "db3"}},
		{"named, not streaming", "it is stopped and does not stream", whole().change("db3", func(m *member) { m.State = "stopped" }), successor{named: "db3"}},
		{"named, not synchronous", "commits wait for db2", whole().change("db2", role("sync_standby")), successor{named: "db3"}},
		{"named, one of a quorum", "db3", whole().change("db2", role("quorum_standby")).change("db3", role("quorum_standby")), successor{named: "db3"}},
		{"named, due", "db3 has a restart due", whole().node("db3", due), successor{named: "db3"}},
		{"named, all due", "db3", whole().node("db2", due).node("db3", due), successor{named: "db3"}},
		{"named, unknown", "db4 cannot take over: it is no member", whole(), successor{named: "db4"}},
	} {
		got, err := c.who.choose(c.v.Clusters["db1"], c.v)
		if err != nil {
			got = err.Error()
		}
		if got != c.want && (err == nil || !strings.Contains(got, c.want)) {
			t.Errorf("%s: %q; want %q", c.name, got, c.want)
		}
	}
}
