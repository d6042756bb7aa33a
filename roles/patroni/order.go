package patroni

import (
	"context"
	"strconv"
	"strings"

	"github.com/pgrun/pgrun/runner"
)

// restartRank is the usual order, but the leader is first where a setting of
// shared memory gets lower: a replica cannot have less than what it replays.
func (r *Role) restartRank(ctx context.Context, o *runner.Observer) (int, error) {
	rank, err := r.rank(ctx, o)
	if err != nil {
		return 0, err
	}
	if rank != leaderRank {
		// A replica that is not well may need just this restart, and none else
		// is taken out while it is down.
		if n, err := me(ctx, o); err == nil && n.State != "running" && n.State != "streaming" {
			return sickRank, nil
		}
		return rank, nil
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
	const read = `SELECT pg_catalog.json_object_agg(name, setting::pg_catalog.int4) FROM pg_catalog.pg_settings WHERE name OPERATOR(pg_catalog.=)
  ANY ('{max_connections,max_worker_processes,max_wal_senders,max_prepared_transactions,max_locks_per_transaction}'::pg_catalog.text[]);
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
