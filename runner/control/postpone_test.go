package control

import (
	"errors"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/wire"
)

const convergePlay = `
- {hosts: all, roles: [thing]}
- {hosts: all, roles: [{role: thing, action: restart}]}
`

func (l *lab) left() string {
	var hosts []string
	for _, e := range l.events {
		if e.Event == runner.EventDue {
			hosts = append(hosts, e.Host+" "+e.Why)
		}
	}
	return strings.Join(hosts, ", ")
}

func TestRestartsAreLeftForAnotherTime(t *testing.T) {
	postpone := strings.Replace(threeHosts, "cluster: {name: orders}", "cluster: {name: orders, restarts: postpone}", 1)
	const alone = "- {hosts: all, roles: [{role: thing, action: restart}]}\n"
	for name, c := range map[string]struct {
		inventory, play string
		noRestart       bool
		left            string
	}{
		"allowed":               {threeHosts, convergePlay, false, ""},
		"by the flag":           {threeHosts, convergePlay, true, "db3 stale, db1 stale"},
		"by the inventory":      {postpone, convergePlay, false, "db3 stale, db1 stale"},
		"a playbook for it":     {postpone, alone, false, ""},
		"but not with the flag": {postpone, alone, true, "db3 stale, db1 stale"},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			l.rank = map[string]int{"db1": 2, "db3": 1}
			summary, problems := l.run(c.inventory, c.play, func(o *Options) { o.NoRestart = c.noRestart })
			turns := strings.Count(strings.Join(l.log, " "), "turn")
			if problems != "" || !summary.OK() || l.left() != c.left || (turns == 0) != (c.left != "") {
				t.Errorf("left %q, did %q, %s %+v", l.left(), l.log, problems, summary)
			}
		})
	}
}

// A gate of the last host must not be found closed when the first are done.
func TestEarlyGatesComeBeforeTheFirstTurn(t *testing.T) {
	l := newLab(t)
	l.rank = map[string]int{"db1": 2, "db3": 1}
	l.early = map[string]error{"db1": errors.New("a transaction has been open for 600 s")}
	summary, _ := l.run(threeHosts, "- {hosts: all, roles: [{role: thing, action: restart}]}\n", nil)
	if len(l.log) > 0 || !summary.Kinds[runner.KindRefused] || summary.Hosts["db1"].Failed != 1 {
		t.Errorf("did %q, %+v", l.log, summary)
	}
}

func TestAHostMayWantAnotherTurnAfterTheOthers(t *testing.T) {
	l := newLab(t)
	l.rank = map[string]int{"db1": 0, "db2": 1, "db3": 2}
	l.again = map[string]bool{"db1": true}
	summary, _ := l.run(threeHosts, "- {hosts: all, roles: [{role: thing, action: restart}]}\n", nil)
	if got := strings.Join(l.log, ", "); !summary.OK() || got != "turn db1, turn db2, turn db3, turn db1" {
		t.Errorf("did %s, %+v", got, summary)
	}
}

func TestPreviewOfAPlanChangesNothing(t *testing.T) {
	plan := &Plan{setups: map[string]wire.Setup{"db1": {Host: "db1"}}}
	preview := plan.Preview()
	if !preview.setups["db1"].Check || !preview.options.Check || plan.setups["db1"].Check || plan.options.Check {
		t.Errorf("%+v from %+v", preview, plan)
	}
}
