package report

import (
	"testing"

	"github.com/pgrun/pgrun/runner"
)

func TestExitCodePrecedence(t *testing.T) {
	all := Outcome{Interrupted: true, Internal: true, Invalid: true, Failed: true, Refused: true, Locked: true, Unreachable: true, WouldChange: true}
	for _, c := range []struct {
		want int
		next func(*Outcome)
	}{
		{130, func(o *Outcome) { o.Interrupted = false }},
		{1, func(o *Outcome) { o.Internal = false }},
		{4, func(o *Outcome) { o.Invalid = false }},
		{2, func(o *Outcome) { o.Failed = false }},
		{6, func(o *Outcome) { o.Refused = false }},
		{5, func(o *Outcome) { o.Locked = false }},
		{3, func(o *Outcome) { o.Unreachable = false }},
		{7, func(o *Outcome) { o.WouldChange = false }},
		{0, func(*Outcome) {}},
	} {
		if got := all.ExitCode(); got != c.want {
			t.Errorf("%+v: got %d, want %d", all, got, c.want)
		}
		c.next(&all)
	}
}

func TestOutcomeOfEvents(t *testing.T) {
	yes, no := true, false
	changed := map[string]runner.Counts{"db1": {Changed: 1}}
	for _, c := range []struct {
		name  string
		event runner.Event
		want  int
	}{
		{"step failed", runner.Event{Event: runner.EventStep, Failure: &runner.Failure{Kind: runner.KindFailed}}, 2},
		{"unknown kind", runner.Event{Failure: &runner.Failure{Kind: "?"}}, 2},
		{"unreachable", runner.Event{Event: runner.EventHost, Failure: &runner.Failure{Kind: runner.KindUnreachable}}, 3},
		{"locked", runner.Event{Event: runner.EventHost, Failure: &runner.Failure{Kind: runner.KindLocked}}, 5},
		{"refused", runner.Event{Event: runner.EventStep, Failure: &runner.Failure{Kind: runner.KindRefused}}, 6},
		{"interrupted", runner.Event{Failure: &runner.Failure{Kind: runner.KindInterrupted}}, 130},
		{"internal", runner.Event{Failure: &runner.Failure{Kind: runner.KindInternal}}, 1},
		{"would change", runner.Event{Event: runner.EventRecap, Check: &yes, Hosts: changed}, 7},
		{"changed", runner.Event{Event: runner.EventRecap, Check: &no, Hosts: changed}, 0},
		{"nothing to change", runner.Event{Event: runner.EventRecap, Check: &yes}, 0},
	} {
		var o Outcome
		o.Add(c.event)
		if got := o.ExitCode(); got != c.want {
			t.Errorf("%s: got %d, want %d", c.name, got, c.want)
		}
	}
}
