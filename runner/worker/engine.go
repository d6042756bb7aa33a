package worker

import (
	"context"
	"errors"
	"fmt"
	"sync"
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

func (e *engine) Foresee(f modules.Foreseen) {
	if e.session.preview != nil {
		e.session.preview.Foresee(f)
	}
}

func (e *engine) Again() { e.session.again = true }

// Plan is told at once, and shown at the end of a check.
func (e *engine) Plan(what string, outage time.Duration) {
	e.session.emit(runner.Event{Event: runner.EventPlan, Role: e.role, Action: e.action, Why: what, MS: outage.Milliseconds()})
}

func (e *engine) Warn(what string) {
	e.session.emit(runner.Event{Event: runner.EventWarning, Role: e.role, Action: e.action, Why: what})
}

// Report is told at once, and shown at the end of the run.
func (e *engine) Report(done string, gap time.Duration) {
	e.session.emit(runner.Event{Event: runner.EventReport, Role: e.role, Action: e.action, Why: done, MS: gap.Milliseconds()})
}

// Ensure checks a module and applies its change.
func (e *engine) Ensure(ctx context.Context, m modules.Module) error {
	began, step := time.Now(), m.String()
	quiet := e.announce(step)
	defer quiet()
	done, err := e.ensure(ctx, m)
	quiet()
	if err != nil {
		return e.failed(ctx, step, err, began)
	}
	e.tell(step, done, began)
	return nil
}

// ensure returns what to tell. Once a change has begun it is not cut off by a
// stop: only its own deadline ends it. A wait is.
func (e *engine) ensure(ctx context.Context, m modules.Module) (runner.Event, error) {
	check := e.session.setup.Check
	var change *modules.Change
	err := e.session.looking(ctx, "the look at what is there", func(ctx context.Context) (err error) {
		change, err = m.Check(ctx, e.session.reader())
		return err
	})
	switch {
	case err != nil:
		return runner.Event{}, cut(ctx, err)
	case change == nil:
		return runner.Event{State: runner.Unchanged}, nil
	case check && change.Waits:
		e.session.pending = true
		return runner.Event{State: runner.Skipped, Why: "would wait: " + change.Summary}, nil
	}
	done := runner.Event{State: runner.Changed, Why: change.Summary, Diff: e.session.diff(change)}
	switch {
	case check:
		e.session.pending = true
		e.session.preview.Foresee(change.Foresees)
		return done, nil
	case ctx.Err() != nil:
		return done, context.Cause(ctx)
	case change.Waits:
		done = runner.Event{State: runner.Unchanged, Why: change.Summary}
	}
	return done, e.applyChange(ctx, change)
}

func (e *engine) applyChange(ctx context.Context, change *modules.Change) error {
	limit := change.Deadline
	if limit == 0 {
		limit = usual
	}
	whole := ctx
	if !change.Waits {
		ctx = context.WithoutCancel(ctx)
	}
	defer e.session.box.doing.begin(limit)()
	late := fmt.Errorf("not done after %s", limit)
	bounded, cancel := context.WithTimeoutCause(ctx, limit, late)
	defer cancel()
	err := change.Apply(bounded, e.session.worker.Host)
	if change.Waits {
		err = cut(whole, err)
	}
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

// announce tells after a while that a step runs. When the function that it
// returns has returned, nothing more is told: the start of a step that has
// ended would be shown as one that never does.
func (e *engine) announce(step string) (quiet func()) {
	var once sync.Once
	alive := time.AfterFunc(long, func() {
		once.Do(func() {
			e.session.emit(runner.Event{Event: runner.EventStart, Role: e.role, Action: e.action, Step: step})
		})
	})
	return func() {
		alive.Stop()
		once.Do(func() {})
	}
}

func (e *engine) tell(step string, event runner.Event, began time.Time) {
	event.Event, event.Role, event.Action, event.Step = runner.EventStep, e.role, e.action, step
	event.MS = time.Since(began).Milliseconds()
	e.session.emit(event)
}
