package patroni

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// tellPlan says in check mode what a restart here would mean for clients.
func (r *Role) tellPlan(ctx context.Context, t *runner.Target, u *turn, done string, leads bool) error {
	if !t.Check {
		return nil
	}
	why, err := r.restartDue(ctx, t.Observer)
	if err != nil {
		return err
	}
	ended, err := sessionsEnded(ctx, t.Observer)
	if err != nil {
		return err
	}
	if u.successor != "" {
		done += ", after a switchover to " + u.successor
	}
	var outage time.Duration
	if leads {
		outage = r.expectedOutage(ctx, t.Observer, u.kind())
	}
	t.Plan(outage, "%s: %s; %s", done, why, ended)
	return nil
}

// kind is what keeps clients from writing in a leader's turn.
func (u *turn) kind() string {
	if u.successor != "" {
		return "switchover"
	}
	return "restart"
}

func outageKey(v *runner.View, kind string) []byte {
	return []byte("/pgrun/" + v.Cluster + "/outage/" + kind)
}

// expectedOutage is what was measured here last time, or else what the preset
// allows a planned switchover.
func (r *Role) expectedOutage(ctx context.Context, o *runner.Observer, kind string) time.Duration {
	var out found
	err := ask(ctx, o.Get, o.View, "/v3/kv/range", map[string]any{"key": outageKey(o.View, kind)}, &out)
	if err == nil && len(out.KVs) > 0 {
		if ms, err := strconv.Atoi(string(out.KVs[0].Value)); err == nil && ms > 0 {
			return time.Duration(ms) * time.Millisecond
		}
	}
	return map[string]time.Duration{"fast": 5 * time.Second, "norm": 8 * time.Second, "safe": 12 * time.Second, "wide": 20 * time.Second}[r.RTO]
}

// remember keeps in etcd how long writes were out in this turn, for the next
// plan. Where it cannot be kept, that one goes by the preset.
func remember(v *runner.View, u *turn) modules.Module {
	return modules.Func{Name: "remember how long writes were out", Find: func(context.Context, modules.Reader) (*modules.Change, error) {
		if u.longest == 0 {
			return nil, nil
		}
		return &modules.Change{Summary: u.longest.Round(time.Millisecond).String(), Waits: true, Apply: func(ctx context.Context, h modules.Host) error {
			in := map[string]any{"key": outageKey(v, u.kind()), "value": []byte(strconv.FormatInt(u.longest.Milliseconds(), 10))}
			_ = ask(ctx, h.Send, v, "/v3/kv/put", in, &struct{}{})
			return nil
		}}, nil
	}}
}

// sessionsEnded tells whom a restart of this server would cut off.
func sessionsEnded(ctx context.Context, o *runner.Observer) (string, error) {
	const read = `SELECT pg_catalog.json_build_object('sessions', pg_catalog.count(*), 'oldest', (
  SELECT pg_catalog.json_build_object('user', usename, 'application', application_name, 'state', state,
    'seconds', extract(epoch FROM pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) xact_start))
  FROM pg_catalog.pg_stat_activity
  WHERE backend_type OPERATOR(pg_catalog.=) 'client backend' AND xact_start IS NOT NULL
    AND pid OPERATOR(pg_catalog.<>) pg_catalog.pg_backend_pid() ORDER BY xact_start LIMIT 1))
  FROM pg_catalog.pg_stat_activity WHERE backend_type OPERATOR(pg_catalog.=) 'client backend'
    AND pid OPERATOR(pg_catalog.<>) pg_catalog.pg_backend_pid()
    AND application_name OPERATOR(pg_catalog.!~~) 'Patroni%';
`
	var busy struct {
		Sessions int
		Oldest   *struct {
			User, Application, State string
			Seconds                  float64
		}
	}
	if err := server(o).Query(ctx, o, "postgres", read, nil, &busy); err != nil {
		return "", err
	}
	text := fmt.Sprintf("sessions of clients that it would end: %d", busy.Sessions)
	if x := busy.Oldest; x != nil {
		text += fmt.Sprintf(", the oldest transaction open for %.0f s (%s, %q, %s)", x.Seconds, x.User, x.Application, x.State)
	}
	return text, nil
}

// dueThen says, in check mode, on which replicas a restart will be due when the
// leader hands over: the others of the run will have had theirs.
func (r *Role) dueThen(ctx context.Context, t *runner.Target) func(name string) bool {
	if !t.Check {
		return nil
	}
	names, err := wouldRestart(ctx, t.Observer)
	return func(name string) bool { return slices.Contains(t.LeftOut, name) && (err != nil || len(names) > 0) }
}
