package report

import (
	"testing"

	"github.com/pgrun/pgrun/runner"
)

func TestExitCodeIsThatOfTheGravest(t *testing.T) {
	kinds := map[string]bool{}
	for _, c := range []struct {
		kind string
		want int
	}{
		{runner.KindUnreachable, 3},
		{runner.KindLocked, 5},
		{runner.KindRefused, 6},
		{runner.KindFailed, 2},
		{runner.KindInternal, 1},
		{runner.KindInterrupted, 130},
	} {
		if got := ExitCode(map[string]bool{c.kind: true}, true); got != c.want {
			t.Errorf("%s alone: got %d, want %d", c.kind, got, c.want)
		}
		kinds[c.kind] = true
		if got := ExitCode(kinds, true); got != c.want {
			t.Errorf("%v: got %d, want %d", kinds, got, c.want)
		}
	}
	for want, got := range map[int]int{0: ExitCode(nil, false), 7: ExitCode(nil, true), 2: ExitCode(map[string]bool{"?": true}, false)} {
		if got != want {
			t.Errorf("got %d, want %d", got, want)
		}
	}
}
