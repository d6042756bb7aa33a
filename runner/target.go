package runner

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/pgrun/pgrun/modules"
)

// Facts is what the worker found out about its machine when it started.
type Facts struct {
	OS        string // ID of os-release: debian, ubuntu
	Codename  string // VERSION_CODENAME: bookworm, trixie
	Version   string // VERSION_ID
	Arch      string // as dpkg names it: amd64, arm64
	Hostname  string
	Kernel    string
	CPUs      int
	Memory    int64 // bytes
	Container bool  // no machine of its own: some kernel settings cannot be written
	Addresses []netip.Addr
}

// Observer looks at the machine.
type Observer struct {
	*View
	modules.Reader
	Facts Facts
	// Given are the variables of -e that actions of this run take.
	Given map[string]string
	// LeftOut are the hosts of the cluster that --limit keeps out of this run.
	LeftOut []string
}

// Engine carries out steps for a Target. The worker has the real one.
type Engine interface {
	// Ensure checks a module and applies its change; in check mode it only
	// says what would change.
	Ensure(ctx context.Context, m modules.Module) error
	// Skip tells that a step was skipped and why.
	Skip(ctx context.Context, step, why string)
	// Pending says whether a step of this run would have changed something
	// and was not made, because of check mode.
	Pending() bool
	// Hide keeps values out of every diff, log and error from now on.
	Hide(values ...string)
	// Warn tells what the operator should see though the run succeeds.
	Warn(what string)
	// Foresee tells check mode what another host would bring about.
	Foresee(f modules.Foreseen)
	// Again asks for another turn.
	Again()
	// Plan tells what would interrupt a service, and for how long writes.
	Plan(what string, outage time.Duration)
	// Report tells what belongs into the report at the end of the run.
	Report(done string, gap time.Duration)
}

// Target changes the machine, through Ensure only.
type Target struct {
	*Observer
	Check    bool          // look, do not touch
	Patience time.Duration // for the live state that other hosts bring about

	engine Engine
}

// NewTarget builds a target.
func NewTarget(o *Observer, engine Engine, check bool, patience time.Duration) *Target {
	return &Target{Observer: o, engine: engine, Check: check, Patience: patience}
}

// Ensure brings the modules' states about, in order, and stops at the first
// that fails.
func (t *Target) Ensure(ctx context.Context, list ...modules.Module) error {
	for _, m := range list {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		if until, ok := m.(modules.Until); ok && until.Deadline == 0 {
			until.Deadline = t.Patience
			m = until
		}
		if err := t.engine.Ensure(ctx, m); err != nil {
			return err
		}
	}
	return nil
}

// Skip tells the operator that a step was left out and why.
func (t *Target) Skip(ctx context.Context, step, why string) { t.engine.Skip(ctx, step, why) }

// Hide keeps derived secrets (a SCRAM verifier) out of diffs, logs and errors.
// Values of config.Secret in the host's sections are hidden already.
func (t *Target) Hide(values ...string) { t.engine.Hide(values...) }

// Report puts a line into the report at the end of the run: what was done here
// that matters beyond its step. gap is the longest time that went by between
// two writes of a client while it was done; 0 is not measured.
func (t *Target) Report(done string, gap time.Duration) { t.engine.Report(done, gap) }

// Warn tells what the operator should see at the end of the run though it
// succeeds: what was left undone, or is not as described and stays so. Of equal
// warnings of several hosts one is shown.
func (t *Target) Warn(format string, args ...any) { t.engine.Warn(fmt.Sprintf(format, args...)) }

// Foresee lets the steps after this one see, in check mode, what another host
// of the run would change and this one would see.
func (t *Target) Foresee(f modules.Foreseen) { t.engine.Foresee(f) }

// Again asks, for the host whose turn this is, for another one when all others
// had theirs.
func (t *Target) Again() { t.engine.Again() }

// Plan tells what would interrupt a service here, in check mode: the plan is
// shown in the order in which the run would do it. outage is how long clients
// would be without writes; 0 is not at all.
func (t *Target) Plan(outage time.Duration, format string, args ...any) {
	if t.Check {
		t.engine.Plan(fmt.Sprintf(format, args...), outage)
	}
}

// Known makes a live read that may depend on steps before it. It returns true
// when the read succeeded. In check mode, where steps before it were not made,
// a failing read is a skipped step and no error.
func (t *Target) Known(ctx context.Context, what string, read func(ctx context.Context) error) (bool, error) {
	err := read(ctx)
	if err == nil {
		return true, nil
	}
	if t.Check && t.engine.Pending() && ctx.Err() == nil {
		t.Skip(ctx, what, "not known before the steps above are made")
		return false, nil
	}
	return false, fmt.Errorf("%s: %w", what, err)
}

// RefusedError is a safety gate that refused (exit 6). Its text says which
// gate, why, and what to do.
type RefusedError struct{ Err error }

func (e *RefusedError) Error() string { return e.Err.Error() }

func (e *RefusedError) Unwrap() error { return e.Err }

// Refuse makes the error of a safety gate.
func Refuse(format string, args ...any) error {
	return &RefusedError{Err: fmt.Errorf(format, args...)}
}

// IsRefused says whether a safety gate refused.
func IsRefused(err error) bool {
	var refused *RefusedError
	return errors.As(err, &refused)
}

// FailureError is an error that knows which failure it is: unreachable, say.
type FailureError struct {
	Kind string
	Hint string // what to do
	Err  error
}

func (e *FailureError) Error() string { return e.Err.Error() }

func (e *FailureError) Unwrap() error { return e.Err }
