package patroni

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/pgrun/pgrun/roles/postgres"
	"github.com/pgrun/pgrun/runner"
)

// settle is how long the cluster may take to be whole again after a member
// was out: its restart, and that it has caught up.
const settle = 5 * time.Minute

// leaderRank is the leader's place, behind all replicas.
const leaderRank = 2

// Actions are what the role does on demand.
func (r *Role) Actions() []runner.Action {
	return []runner.Action{
		{Name: "ready", Do: r.ready},
		{Name: "download", Due: r.upgradable, Alike: r.onOffer, Do: r.download},
		{Name: "restart", OneByOne: true, Due: r.restartDue, Rank: r.restartRank, Gate: r.healthy, Settle: settle, Do: r.restart},
		{Name: "switchover", OneByOne: true, Once: true, Due: r.switchoverDue, Gate: r.healthy, Settle: settle, Do: r.handOver},
		{Name: "upgrade", OneByOne: true, Due: r.upgradeDue, Rank: r.rank, Gate: r.healthy, Settle: settle, Do: r.upgrade},
		{Name: "close", Do: r.closing},
	}
}

// rank is a member's place: asynchronous replicas, synchronous ones, the
// leader last. It is asked again before every turn.
func (r *Role) rank(ctx context.Context, o *runner.Observer) (int, error) {
	c, err := state(ctx, o, o.Host)
	if err != nil {
		return 0, err
	}
	m, _ := c.member(o.Host.Name)
	switch {
	case m.leads():
		return leaderRank, nil
	case m.synchronous():
		return 1, nil
	}
	return 0, nil
}

func server(o *runner.Observer) postgres.Server {
	pg := postgresSection(o.View)
	paths := pg.Paths(clusterSection(o.View).PostgresVersion, o.Cluster)
	return postgres.Server{Bin: paths.Bin, Data: paths.Data, Socket: paths.Socket, Port: pg.Port}
}

func sortedNames[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
