package patroni

import (
	"context"
	"fmt"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// ready refuses an upgrade that would not find the cluster whole. It changes
// nothing.
func (r *Role) ready(ctx context.Context, t *runner.Target) error {
	if err := r.healthy(ctx, t.Observer); err != nil {
		return err
	}
	if err := r.shortTransactions(ctx, t.Observer); err != nil {
		return err
	}
	return r.writes(ctx, t)
}

// writes has the leader write through every balancer, as clients do.
func (r *Role) writes(ctx context.Context, t *runner.Target) error {
	c, err := state(ctx, t, t.Host)
	if err != nil || c.leader() != t.Host.Name {
		return err
	}
	return t.Ensure(ctx, r.probe(t).everywhere())
}

// transaction is the oldest that a client has open.
type transaction struct {
	PID      int     `json:"pid"`
	User     string  `json:"user"`
	Database string  `json:"database"`
	Seconds  float64 `json:"seconds"`
	State    string  `json:"state"`
}

func (r *Role) shortTransactions(ctx context.Context, o *runner.Observer) error {
	const read = `SELECT coalesce((SELECT pg_catalog.json_build_object('pid', pid, 'user', usename, 'database', datname, 'state', state,
  'seconds', extract(epoch FROM pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) xact_start))
  FROM pg_catalog.pg_stat_activity
  WHERE backend_type OPERATOR(pg_catalog.=) 'client backend' AND xact_start IS NOT NULL
    AND pid OPERATOR(pg_catalog.<>) pg_catalog.pg_backend_pid()
  ORDER BY xact_start LIMIT 1), 'null'::pg_catalog.json);
`
	var oldest *transaction
	if err := server(o).Query(ctx, o, "postgres", read, nil, &oldest); err != nil {
		return err
	}
	return oldest.refused(o.Host.Name, r.LongestTransaction)
}

func (x *transaction) refused(host string, longest int) error {
	if x == nil || x.Seconds <= float64(longest) {
		return nil
	}
	return runner.Refuse("on %s a transaction of %s in %s (pid %d, %s) has been open for %.0f s, and %d s is the most: "+
		"wait for it, end it, or let this run end it with -e '{patroni: {longest_transaction: %.0f}}'",
		host, x.User, x.Database, x.PID, x.State, x.Seconds, longest, x.Seconds+600)
}

// closing asserts what an upgrade promised: one leader, all members on one
// version, what is installed runs, and nothing is left pending.
func (r *Role) closing(ctx context.Context, t *runner.Target) error {
	v := look(ctx, t, t.Group("postgres"))
	refusals := r.gate(t.View).refusals(v)
	refusals = append(refusals, unequal(v)...)
	versions, err := modules.Offers(ctx, t, packageNames(t.View)...)
	if err != nil {
		return err
	}
	s := software{packages: versions, server: packageNames(t.View)[0], node: v.Nodes[t.Host.Name]}
	patroni, server, err := s.behind()
	if err != nil {
		return err
	}
	for _, text := range []string{patroni, server} {
		if text != "" {
			refusals = append(refusals, text+": run the rolling upgrade again")
		}
	}
	if err := refuse(refusals); err != nil {
		return err
	}
	return r.writes(ctx, t)
}

// unequal says in what the members differ, and what is pending.
func unequal(v view) []string {
	var refusals []string
	names := sortedNames(v.Nodes)
	for _, name := range names {
		n, first := v.Nodes[name], v.Nodes[names[0]]
		if n.PendingRestart {
			refusals = append(refusals, name+" needs a restart of PostgreSQL: run site.yml")
		}
		if n.ServerVersion != first.ServerVersion || n.Patroni.Version != first.Patroni.Version {
			refusals = append(refusals, fmt.Sprintf("%s runs PostgreSQL %s under Patroni %s, and %s %s under %s: run the rolling upgrade again",
				names[0], serverText(first.ServerVersion), first.Patroni.Version, name, serverText(n.ServerVersion), n.Patroni.Version))
		}
	}
	return refusals
}
