package report

import "github.com/pgrun/pgrun/runner"

// Exit codes of a run; README and `pgrun --help` promise them.
const (
	ExitOK          = 0
	ExitInternal    = 1
	ExitFailed      = 2
	ExitUnreachable = 3
	ExitInvalid     = 4 // inventory, playbook or flags
	ExitLocked      = 5
	ExitRefused     = 6
	ExitWouldChange = 7
	ExitInterrupted = 130
)

// ExitCode is the code of the gravest kind of failure: 130, 1, 2, 6, 5, 3; and
// of a run without any, whether it would change something. A kind that is
// unknown is a failed host.
func ExitCode(kinds map[string]bool, wouldChange bool) int {
	code, gravest := ExitOK, 0
	if wouldChange {
		code = ExitWouldChange
	}
	for kind := range kinds {
		if c, gravity := exitOf(kind); gravity > gravest {
			code, gravest = c, gravity
		}
	}
	return code
}

func exitOf(kind string) (code, gravity int) {
	switch kind {
	case runner.KindInterrupted:
		return ExitInterrupted, 6
	case runner.KindInternal:
		return ExitInternal, 5
	case runner.KindRefused:
		return ExitRefused, 3
	case runner.KindLocked:
		return ExitLocked, 2
	case runner.KindUnreachable:
		return ExitUnreachable, 1
	}
	return ExitFailed, 4
}
