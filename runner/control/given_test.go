package control

import (
	"slices"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/inventory"
	"github.com/pgrun/pgrun/runner"
)

const removePlay = `
- {hosts: all, any_errors_fatal: true, roles: [{role: thing, action: remove}]}
- {hosts: all, roles: [{role: thing, action: restart}]}
`

func give(extra ...string) func(*Options) {
	return func(o *Options) { o.Inventory = inventory.Load(o.Inventory.Paths, extra, o.Problems) }
}

func TestActionsAreGivenVariables(t *testing.T) {
	l := newLab(t)
	summary, problems := l.run(threeHosts, removePlay, give("host=db3"))
	if problems != "" || !summary.OK() {
		t.Fatalf("%s %+v", problems, summary)
	}
	slices.Sort(l.log)
	if got, want := strings.Join(l.log, ", "), "db1 removes db3, db2 removes db3, db3 removes db3"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	for problem, adjust := range map[string]func(*Options){
		"is missing: write -e host=NAME with the host that goes": give(),
		"is empty": give("host="),
	} {
		if _, problems := l.run(threeHosts, removePlay, adjust); !strings.Contains(problems, problem) {
			t.Errorf("%q, want %s", problems, problem)
		}
	}
}

// The host that goes may be gone, even from plays that want all their hosts;
// any other may not.
func TestHostThatDepartsMayBeGone(t *testing.T) {
	l := newLab(t)
	l.down, l.rank["db1"] = []string{"db3"}, 1
	summary, problems := l.run(threeHosts, removePlay, give("host=db3"))
	if problems != "" || !summary.OK() || summary.Hosts["db3"].Unreachable {
		t.Fatalf("%s %+v", problems, summary)
	}
	if got := strings.Join(l.log[2:], ", "); got != "turn db1" {
		t.Errorf("did %q", l.log)
	}
	if !slices.ContainsFunc(l.events, func(e runner.Event) bool {
		return e.Event == runner.EventNote && e.Host == "db3" && strings.Contains(e.Why, "no route to host")
	}) {
		t.Errorf("not told: %+v", l.events)
	}
	l.log, l.down = nil, []string{"db2"}
	if summary, _ = l.run(threeHosts, removePlay, give("host=db3")); len(l.log) > 0 || !summary.Kinds[runner.KindUnreachable] {
		t.Errorf("begun without another: %q %+v", l.log, summary)
	}
}

// The hosts that stay judge whether it may go, and take it off their lists.
func TestAHostThatDepartsDoesNotDoSoAlone(t *testing.T) {
	l := newLab(t)
	limit := func(o *Options) { o.Limit = "db3" }
	if _, problems := l.run(threeHosts, removePlay, func(o *Options) { give("host=db3")(o); limit(o) }); !strings.Contains(problems, "leave out --limit and --local") || len(l.log) > 0 {
		t.Errorf("%q, did %q", problems, l.log)
	}
}

func TestHostsAreToldWhomTheLimitLeavesOut(t *testing.T) {
	l := newLab(t)
	inv := threeHosts + "    other: {ansible_host: 10.0.1.1, cluster: {name: another}}\n"
	_, problems := l.run(inv, "- {hosts: all, roles: [{role: thing, action: warn}]}\n", func(o *Options) { o.Limit = "db1,db2" })
	if problems != "" {
		t.Fatal(problems)
	}
	told := 0
	for _, e := range l.events {
		if e.Event == runner.EventWarning && e.Why == "left out: [db3]" {
			told++
		}
	}
	if told != 2 {
		t.Errorf("told %d times: %+v", told, l.events)
	}
}
