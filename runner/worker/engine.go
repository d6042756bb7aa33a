package worker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

const (
	// usual is how long a change may take that does not say.
	usual = 5 * time.Minute
	// long is when the operator is told that a step runs.
	long = time.Second
)

// engine carries out the steps of one role.
type engine struct {
	session *session
	role    string
	action  string
}

func (e *engine) Pending() bool { return e.session.pending }

func (e *engine) Hide(values ...string) { e.session.mask.Add(values...) }

func (e *engine) Skip(_ context.Context, step, why string) {
	e.tell(step, runner.Event{State: runner.Skipped, Why: why}, time.Now())
}

// Report is told at once, and shown at the end of the run.
func (e *engine) Report(done string, gap time.Duration) {
	e.session.emit(runner.Event{Event: runner.EventReport, Role: e.role, Action: e.action, Why: done, MS: gap.Milliseconds()})
}

// Ensure checks a module and applies its change. Once a change has begun it
// is not cut off by a stop: only its own deadline ends it. A wait is.
func (e *engine) Ensure(ctx context.Context, m modules.Module) error {
	began := time.Now()
	step := m.String()
	alive := time.AfterFunc(long, func() { e.start(step) })
	defer alive.Stop()

	change, err := m.Check(ctx, e.session.worker.Host)
	switch {
	case err != nil:
		return e.failed(ctx, step, err, began)
	case change == nil:
		e.tell(step, runner.Event{State: runner.Unchanged}, began)
		return nil
	case e.session.setup.Check && change.Waits:
		e.tell(step, runner.Event{State: runner.Skipped, Why: "would wait: " + change.Summary}, began)
		e.session.pending = true
		return nil
	}
	done := runner.Event{State: runner.Changed, Why: change.Summary, Diff: e.session.diff(change)}
	if e.session.setup.Check {
		e.session.pending = true
		e.tell(step, done, began)
		return nil
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err := e.applyChange(ctx, change); err != nil {
		return e.failed(ctx, step, err, began)
	}
	if change.Waits {
		done = runner.Event{State: runner.Unchanged, Why: change.Summary}
	}
	e.tell(step, done, began)
	return nil
}

func (e *engine) applyChange(ctx context.Context, change *modules.Change) error {
	limit := change.Deadline
	if limit == 0 {
		limit = usual
	}
	if !change.Waits {
		ctx = context.WithoutCancel(ctx)
	}
	late := fmt.Errorf("not done after %s", limit)
	bounded, cancel := context.WithTimeoutCause(ctx, limit, late)
	defer cancel()
	err := change.Apply(bounded, e.session.worker.Host)
	if err != nil && errors.Is(err, context.DeadlineExceeded) && context.Cause(bounded) == late {
		return fmt.Errorf("%w: %w", late, err)
	}
	return err
}

func (e *engine) failed(ctx context.Context, step string, err error, began time.Time) error {
	if cause := context.Cause(ctx); cause != nil && (errors.Is(err, context.Canceled) || errors.Is(err, cause)) {
		return cause // a wait or a look that was cut short: no failure of the step
	}
	failure := e.session.failure(err)
	e.tell(step, runner.Event{State: runner.Failed, Failure: failure}, began)
	return &stepError{err: err, failure: failure}
}

func (e *engine) start(step string) {
	e.session.emit(runner.Event{Event: runner.EventStart, Role: e.role, Action: e.action, Step: step})
}

func (e *engine) tell(step string, event runner.Event, began time.Time) {
	event.Event, event.Role, event.Action, event.Step = runner.EventStep, e.role, e.action, step
	event.MS = time.Since(began).Milliseconds()
	e.session.emit(event)
}
