package command

import (
	"context"
	"fmt"
	"time"

	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/control"
)

// bearable looks, as --check does, for how long the run would keep clients from
// writing, and refuses before anything is changed where that is too long. What
// goes wrong while it looks is told, and ends the run too.
func (p *program) bearable(ctx context.Context, plan *control.Plan, summary *control.Summary, most time.Duration, o control.Operator) bool {
	refused := false
	show := o.Report
	o.Report = func(e runner.Event) {
		outage := time.Duration(e.MS) * time.Millisecond
		switch {
		case e.Event == runner.EventPlan && outage > most:
			refused = true
			show(runner.Event{Event: runner.EventHost, Host: e.Host, Play: e.Play, State: runner.Failed, Failure: &runner.Failure{
				Kind:  runner.KindRefused,
				Error: fmt.Sprintf("%s: writes would be out for about %s, and --max-outage allows %s; nothing was changed", e.Why, outage.Round(100*time.Millisecond), most),
				Hint:  "allow more, or change what needs no restart now with --no-restart and restart later (pgrun restart.yml)",
			}})
		case e.State == runner.Failed, e.Event == runner.EventHost:
			show(e)
		}
	}
	*summary = control.Run(ctx, plan.Preview(), o)
	summary.Check = false
	for host, counts := range summary.Hosts {
		counts.Changed = 0 // it would have been
		summary.Hosts[host] = counts
	}
	if refused {
		summary.Kinds[runner.KindRefused] = true
	}
	return summary.OK()
}
