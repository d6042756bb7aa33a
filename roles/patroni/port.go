package patroni

import (
	"context"

	"github.com/pgrun/pgrun/roles/published"
	"github.com/pgrun/pgrun/runner"
)

// refuseMovedPort refuses another port than the members of the cluster listen
// on. It asks this host's Patroni, or the others where this one does not run:
// started on a new port, it would be the only one there.
func refuseMovedPort(ctx context.Context, t *runner.Target) error {
	told := map[string]clusterState{}
	c, err := state(ctx, t, t.Host)
	if told[t.Host.Name] = c; err != nil {
		told = look(ctx, t, t.Group("postgres")).Clusters
	}
	ports := map[string]int{}
	for _, c := range told {
		for _, m := range c.Members {
			ports[m.Name] = max(ports[m.Name], m.Port)
		}
	}
	if why := published.Moved(t.View, ports); why != "" {
		return runner.Refuse("%s", why)
	}
	return nil
}
