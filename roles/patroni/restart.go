package patroni

import (
	"context"
	"strings"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// restartDue says why Patroni or PostgreSQL must be restarted here.
func (r *Role) restartDue(ctx context.Context, o *runner.Observer) (string, error) {
	unit, err := o.Unit(ctx, unitName)
	if err != nil || unit.ActiveState == "inactive" {
		return "", err // what does not run needs no restart
	}
	_, stale, err := service().Stale(ctx, o)
	if err != nil {
		return "", err
	}
	if len(stale) > 0 {
		return strings.Join(stale, ", ") + " changed since Patroni started", nil
	}
	n, err := me(ctx, o)
	if err != nil {
		return "", err
	}
	if o.Given["force"] == "true" {
		return "asked for (force)", nil
	}
	if !n.PendingRestart {
		names, err := wouldRestart(ctx, o)
		if err != nil || len(names) == 0 {
			return "", err
		}
		return "PostgreSQL needs a restart for " + strings.Join(names, ", "), nil
	}
	if len(n.Reason) == 0 {
		return "PostgreSQL needs a restart for its settings", nil
	}
	return "PostgreSQL needs a restart for " + strings.Join(sortedNames(n.Reason), ", "), nil
}

// restart is the action. The leader hands over first, unless it is alone or
// must go first.
func (r *Role) restart(ctx context.Context, t *runner.Target) error {
	_, stale, err := service().Stale(ctx, t)
	if err != nil {
		return err
	}
	leads, err := leading(ctx, t.Observer)
	if err != nil {
		return err
	}
	u := r.turn(t)
	if err := r.step(ctx, t, u, len(stale) > 0, successor{due: r.dueThen(ctx, t)}); err != nil {
		return err
	}
	done := "PostgreSQL restarted"
	if len(stale) > 0 {
		done = "Patroni and PostgreSQL restarted"
	}
	u.report(t, done)
	if err := r.tellPlan(ctx, t, u, done, leads); err != nil || t.Check {
		return err
	}
	warnOfRestarts(ctx, t)
	if leads {
		if err := t.Ensure(ctx, remember(t.View, u)); err != nil {
			return err
		}
	}
	return t.Ensure(ctx, modules.Until{Name: "no restart is pending", Deadline: settle, Met: func(ctx context.Context, reader modules.Reader) (string, error) {
		var n nodeState
		if err := get(ctx, reader, t.Host, "/patroni", &n); err != nil {
			return "", err
		}
		if n.PendingRestart {
			return "PostgreSQL still needs a restart for " + strings.Join(sortedNames(n.Reason), ", "), nil
		}
		return "", nil
	}})
}
