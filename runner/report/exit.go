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

// Outcome is what a run came to, as far as the exit code goes.
type Outcome struct {
	Interrupted, Internal, Invalid, Failed, Refused, Locked, Unreachable bool
	WouldChange                                                          bool // in check mode
}

// Add takes an event into account.
func (o *Outcome) Add(e runner.Event) {
	if e.Failure != nil {
		o.AddKind(e.Failure.Kind)
	}
	if e.Event == runner.EventRecap && e.Check != nil && *e.Check {
		for _, counts := range e.Hosts {
			o.WouldChange = o.WouldChange || counts.Changed > 0
		}
	}
}

// AddKind takes a kind of failure into account; one that is unknown is a
// failed host.
func (o *Outcome) AddKind(kind string) {
	switch kind {
	case runner.KindInterrupted:
		o.Interrupted = true
	case runner.KindInternal:
		o.Internal = true
	case runner.KindRefused:
		o.Refused = true
	case runner.KindLocked:
		o.Locked = true
	case runner.KindUnreachable:
		o.Unreachable = true
	default:
		o.Failed = true
	}
}

// ExitCode is the code of the gravest thing: 130, 1, 4, 2, 6, 5, 3, 7, 0.
func (o Outcome) ExitCode() int {
	switch {
	case o.Interrupted:
		return ExitInterrupted
	case o.Internal:
		return ExitInternal
	case o.Invalid:
		return ExitInvalid
	case o.Failed:
		return ExitFailed
	case o.Refused:
		return ExitRefused
	case o.Locked:
		return ExitLocked
	case o.Unreachable:
		return ExitUnreachable
	case o.WouldChange:
		return ExitWouldChange
	}
	return ExitOK
}
