package modules

import (
	"context"
	"fmt"
	"time"
)

func (m Service) apply(ctx context.Context, h Host, steps []step) error {
	for _, s := range steps {
		if err := m.job(ctx, h, s.verb); err != nil {
			return err
		}
	}
	return nil
}

// job does one job and records what the unit now runs with.
func (m Service) job(ctx context.Context, h Host, verb string) error {
	before, err := h.Unit(ctx, m.Name)
	if err != nil {
		return err
	}
	// The files are looked at before the job: a file that changes meanwhile is stale.
	files, err := m.files(ctx, h)
	if err != nil {
		return err
	}
	bounded, cancel := context.WithTimeout(ctx, m.deadline())
	defer cancel()
	if err := h.Job(bounded, UnitName(m.Name), verb); err != nil {
		return err
	}
	switch verb {
	case "start", "restart":
		return m.begun(ctx, h, before, files)
	case "start-no-block", "restart-no-block":
		if verb == "start-no-block" && m.up(before) {
			return nil // systemd was faster
		}
		if err := awaitInvocation(bounded, h, m.Name, before.InvocationID); err != nil {
			return err
		}
		return m.writeRecord(ctx, h, files)
	case "reload":
		return m.recordReload(ctx, h, files)
	}
	return nil
}

// begun sees to it that a start has come to something: for systemd a unit
// whose condition is not met is started well. A start that found one under way
// is not recorded: it is not known which files that one has read.
func (m Service) begun(ctx context.Context, h Host, before *Unit, files record) error {
	unit, err := h.Unit(ctx, m.Name)
	if err != nil {
		return err
	}
	if unit.ActiveState == "inactive" || unit.ActiveState == "failed" {
		return Hint(fmt.Errorf("%s is %s after its start", unit.Name, unit.ActiveState),
			"it ended at once, or a condition of it is not met: systemctl status %s", unit.Name)
	}
	if unit.InvocationID == before.InvocationID {
		return nil
	}
	return m.writeRecord(ctx, h, files)
}

// awaitInvocation waits until a start that nobody waits for has begun, so that
// its invocation can be recorded.
func awaitInvocation(ctx context.Context, h Host, name, old string) error {
	for {
		unit, err := h.Unit(ctx, name)
		if err == nil && unit.InvocationID != "" && unit.InvocationID != old {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("%s did not begin to start: %w", name, context.Cause(ctx))
		case <-time.After(100 * time.Millisecond):
		}
	}
}
