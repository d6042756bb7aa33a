package patroni

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// restartDeadline is for PostgreSQL's stop, with its checkpoint, and start.
const restartDeadline = 5 * time.Minute

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
	if !n.PendingRestart {
		return "", nil
	}
	if len(n.Reason) == 0 {
		return "PostgreSQL needs a restart for its settings", nil
	}
	return "PostgreSQL needs a restart for " + strings.Join(sortedNames(n.Reason), ", "), nil
}

// restartRank is the usual order, but the leader is first where a setting of
// shared memory gets lower: a replica cannot have less than what it replays.
func (r *Role) restartRank(ctx context.Context, o *runner.Observer) (int, error) {
	rank, err := r.rank(ctx, o)
	if err != nil || rank != leaderRank {
		return rank, err
	}
	first, err := r.leaderFirst(ctx, o)
	if err != nil || !first {
		return rank, err
	}
	return -1, nil
}

// leaderFirst says whether what is pending lowers a setting that replicas may
// not have lower than the leader.
func (r *Role) leaderFirst(ctx context.Context, o *runner.Observer) (bool, error) {
	live, err := liveSettings(ctx, o, o.Host)
	if err != nil {
		return false, err
	}
	running, err := sharedMemory(ctx, o)
	if err != nil {
		return false, err
	}
	lower, higher := compare(running, live)
	return len(lower) > 0, mixed(lower, higher)
}

// refuseMixed refuses settings for which no order of restarts would do.
func refuseMixed(ctx context.Context, o *runner.Observer, live map[string]any) error {
	running, err := sharedMemory(ctx, o)
	if err != nil {
		return err
	}
	return mixed(compare(running, live))
}

func mixed(lower, higher []string) error {
	if len(lower) == 0 || len(higher) == 0 {
		return nil
	}
	return runner.Refuse("%s would get higher and %s lower in one go; PostgreSQL wants the replicas first for the one and the leader first for the other: "+
		"raise first, run site.yml, then lower", strings.Join(higher, ", "), strings.Join(lower, ", "))
}

// sharedMemory are the settings that a replica may not have lower than the
// leader, as this server runs with them.
func sharedMemory(ctx context.Context, o *runner.Observer) (map[string]int, error) {
	var running map[string]int
	const read = `SELECT json_object_agg(name, setting::int) FROM pg_catalog.pg_settings
  WHERE name IN ('max_connections', 'max_worker_processes', 'max_wal_senders', 'max_prepared_transactions', 'max_locks_per_transaction');
`
	err := server(o).Query(ctx, o, "postgres", read, nil, &running)
	return running, err
}

// compare returns the settings that get lower and those that get higher.
func compare(running map[string]int, live map[string]any) (lower, higher []string) {
	server, _ := live["postgresql"].(map[string]any)
	parameters, _ := server["parameters"].(map[string]any)
	for _, name := range sortedNames(running) {
		wanted, err := strconv.Atoi(meaning(parameters[name]))
		if err != nil {
			continue
		}
		switch {
		case wanted < running[name]:
			lower = append(lower, name)
		case wanted > running[name]:
			higher = append(higher, name)
		}
	}
	return lower, higher
}

// restart is the action. The leader hands over first, unless it is alone or
// must go first.
func (r *Role) restart(ctx context.Context, t *runner.Target) error {
	_, stale, err := service().Stale(ctx, t)
	if err != nil {
		return err
	}
	u := r.turn(t)
	if err := r.step(ctx, t, u, len(stale) > 0, nil); err != nil {
		return err
	}
	done := "PostgreSQL restarted"
	if len(stale) > 0 {
		done = "Patroni and PostgreSQL restarted"
	}
	u.report(t, done)
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

// step takes this host out for a moment: all of Patroni, or PostgreSQL alone.
func (r *Role) step(ctx context.Context, t *runner.Target, u *turn, all bool, suitable func(nodeState) bool) error {
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
			if err := r.switchover(ctx, t, u, suitable); err != nil {
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
