package patroni

import (
	"context"
	"slices"
	"time"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// restartDeadline is for PostgreSQL's stop, with its checkpoint, and start.
const restartDeadline = 5 * time.Minute

// step takes this host out for a moment: all of Patroni, or PostgreSQL alone.
func (r *Role) step(ctx context.Context, t *runner.Target, u *turn, all bool, who successor) error {
	leads, all, err := r.handOverFirst(ctx, t, u, all, who)
	if err != nil {
		return err
	}
	if !leads {
		if err := r.arrived(ctx, t); err != nil {
			return err
		}
	}
	if all {
		return t.Ensure(ctx, r.checkpoint(t), u.watched(modules.Restart{Service: patientService(), Why: "Patroni itself must be restarted"}), running(t))
	}
	return t.Ensure(ctx, r.checkpoint(t), u.watched(r.restartPostgres(t)), running(t))
}

// handOverFirst lets a leader hand over, unless it is alone or must restart in place.
// It says whether this host leads then, and whether all of Patroni may restart.
func (r *Role) handOverFirst(ctx context.Context, t *runner.Target, u *turn, all bool, who successor) (leads, allowed bool, err error) {
	leads, err = leading(ctx, t.Observer)
	if err != nil || !leads || len(t.Group("postgres")) < 2 {
		return leads, all, err
	}
	lowers, err := r.leaderFirst(ctx, t.Observer)
	switch {
	case err != nil:
		return leads, all, err
	case lowers && all:
		// No replica may lead, and so take this host's place, before it runs
		// with the lower settings: all of Patroni comes after them.
		if !t.Check {
			t.Again()
		}
		return leads, false, nil
	case lowers:
		return leads, all, nil
	}
	if err := r.switchover(ctx, t, u, who); err != nil || t.Check {
		return leads, all, err
	}
	leads, err = leading(ctx, t.Observer)
	return leads, all, err
}

// leading says whether this host leads at this moment.
func leading(ctx context.Context, o *runner.Observer) (bool, error) {
	c, err := state(ctx, o, o.Host)
	return c.leader() == o.Host.Name, err
}

// patientService waits for PostgreSQL's stop.
func patientService() modules.Service {
	s := service()
	s.Deadline = restartDeadline + time.Minute
	return s
}

// checkpoint makes the one at the stop short. It is no change of anything.
func (r *Role) checkpoint(t *runner.Target) modules.Module {
	return modules.Func{Name: "checkpoint", Find: func(context.Context, modules.Reader) (*modules.Change, error) {
		return &modules.Change{Summary: "before the restart", Waits: true, Deadline: restartDeadline, Apply: func(ctx context.Context, h modules.Host) error {
			command := server(t.Observer).Script(ctx, h, "postgres", "CHECKPOINT;\n", nil).Command()
			command.Deadline = restartDeadline
			_, err := h.Exec(ctx, command)
			return err
		}}, nil
	}}
}

// restartPostgres restarts PostgreSQL through Patroni, so that no failover
// comes of it.
func (r *Role) restartPostgres(t *runner.Target) modules.Module {
	return modules.Func{Name: "restart PostgreSQL", Find: func(context.Context, modules.Reader) (*modules.Change, error) {
		return &modules.Change{Summary: "through Patroni", Deadline: restartDeadline + time.Minute, Apply: func(ctx context.Context, h modules.Host) error {
			response, err := r.call(ctx, h, t.Host, "POST", "/restart", map[string]any{}, restartDeadline)
			if err != nil {
				return err
			}
			if !slices.Contains([]int{statusOK, statusAccepted}, response.Status) {
				return because(ctx, h, t.View, answered("restarting PostgreSQL", response))
			}
			return nil
		}}, nil
	}}
}

// running waits until this host is a running member again.
func running(t *runner.Target) modules.Module {
	failed := stumbles{view: t.View}
	return modules.Until{Name: "this host is a member again", Deadline: settle, Met: func(ctx context.Context, reader modules.Reader) (string, error) {
		if err := failed.look(ctx, reader); err != nil {
			return "", err
		}
		missing, _, err := membership(ctx, reader, t.View)
		return missing, err
	}}
}
