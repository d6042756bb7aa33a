package command

import (
	"testing"

	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/control"
)

func TestOutcome(t *testing.T) {
	changed := map[string]runner.Counts{"db1": {Changed: 1}}
	for _, c := range []struct {
		name string
		s    control.Summary
		want int
	}{
		{"well", control.Summary{Hosts: changed}, 0},
		{"would change", control.Summary{Hosts: changed, Check: true}, 7},
		{"nothing would", control.Summary{Check: true}, 0},
		{"failed and unreachable", control.Summary{Kinds: map[string]bool{runner.KindFailed: true, runner.KindUnreachable: true}}, 2},
		{"refused and locked", control.Summary{Kinds: map[string]bool{runner.KindRefused: true, runner.KindLocked: true}}, 6},
		{"interrupted and failed", control.Summary{Kinds: map[string]bool{runner.KindInterrupted: true, runner.KindFailed: true}}, 130},
		{"failed in check mode", control.Summary{Hosts: changed, Check: true, Kinds: map[string]bool{runner.KindUnreachable: true}}, 3},
	} {
		if got := outcome(c.s).ExitCode(); got != c.want {
			t.Errorf("%s: got %d, want %d", c.name, got, c.want)
		}
	}
}
