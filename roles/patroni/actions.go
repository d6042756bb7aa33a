package patroni

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/pgrun/pgrun/config"
	"github.com/pgrun/pgrun/roles/postgres"
	"github.com/pgrun/pgrun/runner"
)

// settle is how long the cluster may take to be whole again after a member
// was out: its restart, and that it has caught up.
const settle = 5 * time.Minute

// leaderRank is the leader's place, behind all replicas.
const leaderRank = 2

// sickRank is before all others, a leader that goes first too.
const sickRank = -2

// Actions are what the role does on demand.
func (r *Role) Actions() []runner.Action {
	return []runner.Action{
		{Name: "members", Unanimous: true, Do: r.members},
		{Name: "ready", Do: r.ready},
		{Name: "verify", Do: r.verify},
		{Name: "download", Due: r.upgradable, Alike: r.onOffer, Do: r.download},
		{
			Name: "restart", OneByOne: true, Restarts: true, Due: r.restartDue, Rank: r.restartRank,
			Early: r.unused, Before: r.restartable, Gate: r.healthy, Settle: settle, Do: r.restart,
			Takes: []runner.Variable{{Name: "force", What: "true, to restart PostgreSQL where nothing is due, too", Valid: yes}},
		},
		{
			Name: "switchover", OneByOne: true, Once: true, Due: r.switchoverDue, Early: r.unused, Gate: r.healthy, Settle: settle, Do: r.handOver,
			Takes: []runner.Variable{{Name: "to", What: "the replica that takes over; the best one when it is not given", Valid: database}},
		},
		{Name: "upgrade", OneByOne: true, Due: r.upgradeDue, Rank: r.rank, Gate: r.healthy, Settle: settle, Do: r.upgrade},
		{Name: "close", Do: r.closing},
		{Name: "pause", OneByOne: true, Once: true, Due: paused(false), Before: r.healthy, Do: r.setPause(true)},
		{Name: "resume", OneByOne: true, Once: true, Due: paused(true), Before: r.resumable, Do: r.setPause(false)},
		{
			Name: "reinit", OneByOne: true, Once: true, Due: r.reinitDue, Before: r.reinitable, Do: r.reinit,
			Takes: []runner.Variable{{Name: "host", What: "the replica whose data is thrown away and copied from the leader", Required: true, Valid: database}},
		},
		{Name: "removable", Takes: departing(), Unanimous: true, Do: r.removable},
		{Name: "yield", Takes: departing(), OneByOne: true, Once: true, Due: r.yieldDue, Gate: r.removeGate, Settle: settle, Do: r.yield},
		{Name: "leave", Takes: departing(), OneByOne: true, Due: r.leaveDue, Gate: r.removeGate, Settle: settle, Do: r.leave},
		{Name: "forget", Takes: departing(), Unanimous: true, Do: r.forget},
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

// database is the Valid of variables that name a member.
func database(v *runner.View, name string) error {
	if slices.ContainsFunc(v.Group("postgres"), func(p runner.Peer) bool { return p.Name == name }) {
		return nil
	}
	var names []string
	for _, p := range v.Group("postgres") {
		names = append(names, p.Name)
	}
	return fmt.Errorf("%q is no database host of cluster %s%s", name, v.Cluster, config.DidYouMean(name, names))
}

// yes is the Valid of variables that are either given or not.
func yes(_ *runner.View, value string) error {
	if value != "true" {
		return fmt.Errorf("%q is not true: leave it out where it shall not be", value)
	}
	return nil
}
