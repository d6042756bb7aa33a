package patroni

import (
	"strings"
	"testing"

	"github.com/pgrun/pgrun/runner"
	"gopkg.in/yaml.v3"
)

// What must hold while a host leaves: whoever stays has a leader, and commits go on.
func TestRemovalIsRefused(t *testing.T) {
	stay := []runner.Peer{{Name: "db1"}, {Name: "db2"}}
	for name, c := range map[string]struct {
		goes   string
		stay   []runner.Peer
		view   view
		strict int
		want   string
	}{
		"a replica":                     {goes: "db3", stay: stay, view: lacking(whole(), "db3")},
		"a dead one":                    {goes: "db9", stay: stay, view: lacking(whole(), "db3")},
		"the leader":                    {goes: "db1", stay: []runner.Peer{{Name: "db2"}, {Name: "db3"}}, view: lacking(whole(), "db1")},
		"the leader, no replica can":    {goes: "db1", stay: []runner.Peer{{Name: "db2"}}, view: lacking(whole(), "db1").change("db2", func(m *member) { m.State = "starting" }).change("db3", func(m *member) { m.Lag = -1 }), want: "db1 leads, and no replica could take over"},
		"another replica is dead":       {goes: "db3", stay: stay, view: lacking(lacking(whole(), "db3"), "db2")},
		"nobody answers":                {goes: "db3", stay: stay, view: lacking(lacking(lacking(whole(), "db3"), "db2"), "db1"), want: "the REST API of none of the hosts that stay answers"},
		"nobody stays":                  {goes: "db1", view: whole(), want: "db1 is the only database host"},
		"nobody leads":                  {goes: "db3", stay: stay, view: whole().change("db1", func(m *member) { m.Role = "replica" }), want: "there is no leader"},
		"paused":                        {goes: "db3", stay: stay, view: whole().cluster("db1", func(c *clusterState) { c.Pause = true }), want: "Patroni is paused"},
		"strict, one standby stays":     {goes: "db3", stay: stay, view: lacking(whole(), "db3"), strict: 1},
		"strict, too few stay":          {goes: "db3", stay: stay, view: lacking(whole(), "db3"), strict: 2, want: "without db3 there are 1 standbys"},
		"strict, the leader goes":       {goes: "db1", stay: []runner.Peer{{Name: "db2"}, {Name: "db3"}}, view: lacking(whole(), "db1"), strict: 2, want: "without db1 there are 1 standbys"},
		"strict, the last standby goes": {goes: "db2", stay: stay[:1], view: lacking(whole(), "db2").change("db3", func(m *member) { m.State = "stopped" }), strict: 1, want: "without db2 there are 0 standbys"},
	} {
		got := strings.Join(removal{goes: c.goes, stay: c.stay, view: c.view, strict: c.strict}.refusals(), "; ")
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestWithTags(t *testing.T) {
	for _, text := range []string{"scope: a\nname: \"0o1\"\n", "tags:\n    failover_priority: 2\n    zone: \"yes\"\nscope: a\nname: \"0o1\"\n"} {
		got, err := withTags([]byte(text), "nofailover")
		if err != nil {
			t.Fatal(err)
		}
		var is struct {
			Scope, Name string
			Tags        map[string]any
		}
		if err := yaml.Unmarshal(got, &is); err != nil || is.Scope != "a" || is.Tags["nofailover"] != true || is.Tags["failover_priority"] != nil || !strings.Contains(string(got), `"0o1"`) {
			t.Errorf("%v %v\n%s", is, err, got)
		}
		if again, err := withTags(got, "nofailover"); err != nil || string(again) != string(got) {
			t.Errorf("again: %v\n%s", err, again)
		}
	}
}
