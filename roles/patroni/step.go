package patroni

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// restartDeadline is for PostgreSQL's stop, with its checkpoint, and start.
const restartDeadline = 5 * time.Minute

// step takes this host out for a moment: all of Patroni, or PostgreSQL alone.
func (r *Role) step(ctx context.Context, t *runner.Target, u *turn, all bool, who successor) error {
	c, err := state(ctx, t, t.Host)
	if err != nil {
		return err
	}
	if c.leader() == t.Host.Name && len(t.Group("postgres")) > 1 {
		inPlace := false
		if !all {
			if inPlace, err = r.leaderFirst(ctx, t.Observer); err != nil {
				return err
			}
		}
		if !inPlace {
			if err := r.switchover(ctx, t, u, who); err != nil {
				return err
			}
		}
	}
	if c.leader() != t.Host.Name {
		if err := r.arrived(ctx, t); err != nil {
			return err
		}
	}
	if all {
		return t.Ensure(ctx, r.checkpoint(t), u.watched(modules.Restart{Service: restartable(), Why: "Patroni itself must be restarted"}), running(t))
	}
	return t.Ensure(ctx, r.checkpoint(t), u.watched(r.restartPostgres(t)), running(t))
}

// restartable waits for PostgreSQL's stop.
func restartable() modules.Service {
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
				return modules.Hint(answered("restarting PostgreSQL", response), "see `journalctl -u patroni` on this host")
			}
			return nil
		}}, nil
	}}
}

// running waits until this host is a running member again.
func running(t *runner.Target) modules.Module {
	return modules.Until{Name: "this host is a member again", Deadline: settle, Met: func(ctx context.Context, reader modules.Reader) (string, error) {
		missing, _, err := membership(ctx, reader, t.View)
		if err != nil || missing != "" {
			return missing, err
		}
		var n nodeState
		if err := get(ctx, reader, t.Host, "/patroni", &n); err != nil {
			return "", err
		}
		if n.State != "running" {
			return fmt.Sprintf("PostgreSQL is %s", n.State), nil
		}
		return "", nil
	}}
}
