package patroni

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// arrived waits, where a setting of shared memory gets lower, until this
// replica has replayed that its leader runs with less. Before that Patroni
// would start it with the leader's old value, which pg_control still has, and
// the restart would be for nothing.
func (r *Role) arrived(ctx context.Context, t *runner.Target) error {
	live, err := liveSettings(ctx, t, t.Host)
	if err != nil {
		return err
	}
	running, err := sharedMemory(ctx, t.Observer)
	if err != nil {
		return err
	}
	lower, _ := compare(running, live)
	if len(lower) == 0 {
		return nil
	}
	return t.Ensure(ctx, modules.Until{Name: "the leader's lower settings have arrived", Deadline: settle,
		Met: func(ctx context.Context, reader modules.Reader) (string, error) {
			paths := postgresSection(t.View).Paths(clusterSection(t.View).PostgresVersion, t.Cluster)
			result, err := reader.Query(ctx, modules.Command{Argv: []string{paths.Bin + "/pg_controldata", paths.Data}, Env: []string{"LC_ALL=C"}, User: superuser})
			if err != nil {
				return "", err
			}
			return notArrived(lower, running, controlSettings(result.Stdout)), nil
		}})
}

// notArrived names a setting of which pg_control still has what runs.
func notArrived(lower []string, running, control map[string]int) string {
	i := slices.IndexFunc(lower, func(name string) bool { return control[name] >= running[name] })
	if i < 0 {
		return ""
	}
	return fmt.Sprintf("%s is still %d in pg_control", lower[i], control[lower[i]])
}

// controlSettings reads the settings that pg_controldata prints, by their
// names in postgresql.conf.
func controlSettings(text []byte) map[string]int {
	names := map[string]string{
		"max_connections": "max_connections", "max_worker_processes": "max_worker_processes", "max_wal_senders": "max_wal_senders",
		"max_prepared_xacts": "max_prepared_transactions", "max_locks_per_xact": "max_locks_per_transaction",
	}
	found := map[string]int{}
	for _, m := range regexp.MustCompile(`(?m)^(\w+) setting: +(\d+)$`).FindAllSubmatch(text, -1) {
		if name, ok := names[string(m[1])]; ok {
			found[name], _ = strconv.Atoi(string(m[2])) // \d+: at worst out of range, and then 0
		}
	}
	return found
}
