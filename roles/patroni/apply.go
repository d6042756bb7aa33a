package patroni

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/roles/postgres"
	"github.com/pgrun/pgrun/runner"
)

// Apply makes the host a running member. It never restarts Patroni or
// PostgreSQL; what all members share is changed by the one that leads.
func (r *Role) Apply(ctx context.Context, t *runner.Target) error {
	pg, c := postgresSection(t.View), clusterSection(t.View)
	paths := pg.Paths(c.PostgresVersion, t.Cluster)
	if err := r.refuseOtherMember(ctx, t, paths); err != nil {
		return err
	}
	if err := t.Ensure(ctx, packages()); err != nil {
		return err
	}
	if err := r.refuseOldPatroni(ctx, t); err != nil {
		return err
	}
	if err := r.refuseForeign(ctx, t, paths); err != nil {
		return err
	}
	if err := refuseMovedPort(ctx, t); err != nil {
		return err
	}
	loading, err := r.configure(ctx, t, pg, paths)
	if err != nil {
		return err
	}
	copying, err := r.join(ctx, t)
	if err != nil {
		return err
	}
	if err := r.lead(ctx, t, pg); err != nil {
		return err
	}
	if !copying {
		if err := r.converge(ctx, t, loading, false); err != nil {
			return err
		}
	}
	return r.synchronized(ctx, t)
}

// configure writes Patroni's files and has it run, and says whether there was
// something new for it.
func (r *Role) configure(ctx context.Context, t *runner.Target, pg *postgres.Role, paths postgres.Paths) (loading bool, err error) {
	content, err := r.configuration(ctx, t, pg, paths)
	if err != nil {
		return false, err
	}
	file := configFile(content)
	change, err := file.Check(ctx, t)
	if err != nil {
		return false, err
	}
	return change != nil, t.Ensure(ctx,
		modules.File{Path: probeFile(t.Cluster), Absent: true},
		modules.Directory{Path: "/etc/systemd/system/patroni.service.d", Attributes: modules.Root(0o755)},
		modules.File{Path: dropInPath, Content: dropIn(paths.Data, t.Facts.Container), Attributes: modules.Root(0o644)},
		file,
		service(),
	)
}

// synchronized waits until commits wait for a standby, where they shall.
func (r *Role) synchronized(ctx context.Context, t *runner.Target) error {
	if !r.waitsForStandby(t.View) {
		return nil
	}
	return t.Ensure(ctx, modules.Until{Name: "a standby is synchronous", Met: func(ctx context.Context, reader modules.Reader) (string, error) {
		c, err := state(ctx, reader, t.Host)
		if err != nil {
			return "", err
		}
		return unsynchronized(c, look(ctx, reader, t.Group("postgres"))), nil
	}})
}

// configuration is the member's, by the size of this host.
func (r *Role) configuration(ctx context.Context, t *runner.Target, pg *postgres.Role, paths postgres.Paths) ([]byte, error) {
	machine, err := pg.Machine(ctx, t.Observer, paths.Data)
	if err != nil {
		return nil, err
	}
	decided, err := r.withOwnMode(ctx, t.Observer)
	if err != nil {
		return nil, err
	}
	return decided.render(t.Observer, machine)
}

// unsynchronized says that commits wait for no standby though one could be
// waited for; "" is all well. The leader's own senders count: a replica that
// catches up, or streams from another replica, confirms nothing. Where none
// streams, the leader goes on alone, and its settings allow that. A leader that
// does not answer has not said so.
func unsynchronized(c clusterState, v view) string {
	leader, ok := v.Nodes[c.leader()]
	if !ok {
		return "no leader says to whom it streams"
	}
	var could []string
	for _, m := range c.Members {
		if m.synchronous() {
			return ""
		}
		streams := slices.ContainsFunc(leader.Senders, func(s sender) bool { return s.Name == m.Name && s.State == "streaming" })
		if streams && !m.leads() && !on(m.Tags["nosync"]) {
			could = append(could, m.Name)
		}
	}
	if len(could) == 0 {
		return ""
	}
	return "none of " + strings.Join(could, ", ") + " is yet"
}

// packages are Patroni's, held. Its dependency is met by the client of any
// store, so etcd's is named.
func packages() modules.Packages {
	return modules.Packages{Names: []string{"patroni", "python3-etcd"}, Hold: true}
}

// refuseOldPatroni refuses a mode that the installed Patroni does not know: it
// would take quorum for off.
func (r *Role) refuseOldPatroni(ctx context.Context, t *runner.Target) error {
	if r.SynchronousMode == synchronousAuto {
		return r.refuseLiveQuorum(ctx, t)
	}
	if r.SynchronousMode != synchronousQuorum {
		return nil
	}
	versions, err := modules.Offers(ctx, t, "patroni")
	if err != nil {
		return err
	}
	v := versions["patroni"]
	version := v.Installed
	if version == "" {
		version = v.Candidate // in check mode
	}
	if major := modules.Upstream(version); major != "" && major[0] < '4' && (len(major) == 1 || major[1] == '.') {
		return runner.Refuse("synchronous_mode: quorum needs Patroni 4, and this host has %s: write synchronous_mode: on, or take packages from apt.postgresql.org (apt_repo)", version)
	}
	return nil
}

// join waits until there is a leader and this host runs as it should. A copy
// of a big database takes longer than anyone waits: it goes on by itself.
func (r *Role) join(ctx context.Context, t *runner.Target) (copying bool, err error) {
	begin := time.Now()
	failed := stumbles{view: t.View}
	if err := t.Ensure(ctx,
		modules.Until{Name: "there is a leader", Met: func(ctx context.Context, reader modules.Reader) (string, error) {
			c, err := state(ctx, reader, t.Host)
			if err != nil {
				return "", err
			}
			if c.leader() == "" {
				return fmt.Sprintf("%d members have registered and none leads", len(c.Members)), nil
			}
			return leads(ctx, reader, t.View, c.leader())
		}},
		modules.Until{Name: "this host is a member", Every: 500 * time.Millisecond, Met: func(ctx context.Context, reader modules.Reader) (string, error) {
			if err := failed.look(ctx, reader); err != nil {
				return "", err
			}
			missing, now, err := membership(ctx, reader, t.View)
			copying = now && time.Since(begin) > t.Patience*3/4
			if copying {
				return "", nil
			}
			return missing, err
		}},
	); err != nil {
		return false, err
	}
	if copying {
		t.Skip(ctx, "replica streams", "it still copies the data from the leader; `patronictl list` shows when it is done")
	}
	return copying, nil
}

// leads asks the member that etcd names as the leader: its key outlives it for
// as long as ttl.
func leads(ctx context.Context, r modules.Reader, v *runner.View, name string) (missing string, err error) {
	for _, p := range v.Group("postgres") {
		if p.Name != name {
			continue // a leader that the inventory does not have is named elsewhere
		}
		var n nodeState
		switch err := get(ctx, r, p, "/patroni", &n); {
		case err != nil:
			return "", fmt.Errorf("etcd names %s as the leader: %w", name, err)
		case !n.primary():
			return fmt.Sprintf("etcd names %s as the leader, and its PostgreSQL is %s (%s)", name, n.Role, n.State), nil
		}
	}
	return "", nil
}

// membership says what keeps this host from being a running member, and
// whether it is only that it copies.
func membership(ctx context.Context, r modules.Reader, v *runner.View) (missing string, copying bool, err error) {
	c, err := state(ctx, r, v.Host)
	if err != nil {
		return "", false, err
	}
	m, ok := c.member(v.Host.Name)
	switch {
	case !ok:
		return "it has not registered in etcd", false, nil
	case m.leads() && m.State != "running":
		return "it leads and is " + m.State, false, nil
	case m.State == creatingReplica:
		return "it copies the data from the leader", true, nil
	}
	// What etcd has of a member outlives it: a moment after its start that is
	// still how it was before. What it says of itself now counts.
	var now nodeState
	if err := get(ctx, r, v.Host, "/patroni", &now); err != nil {
		return "", false, err
	}
	switch {
	case now.State != "running":
		return "PostgreSQL is " + now.State, false, nil
	case m.leads() || m.State == "streaming":
		return "", false, nil
	}
	// Only Patroni 3.0 needs the word of those that send.
	if m.streams(look(ctx, r, v.Group("postgres")).senders()) {
		return "", false, nil
	}
	return "it is " + m.State + " and does not stream", false, nil
}

// lead is what one host does for all: the one that leads at this moment.
func (r *Role) lead(ctx context.Context, t *runner.Target, pg *postgres.Role) error {
	var c clusterState
	known, err := t.Known(ctx, "who leads", func(ctx context.Context) (err error) {
		if c, err = state(ctx, t, t.Host); err == nil && c.leader() == "" {
			err = modules.Hint(errors.New("there is no leader"), "a failover may be under way: wait and run again, or see `patronictl list`")
		}
		return err
	})
	if err != nil || !known {
		return err
	}
	if leader := c.leader(); leader != t.Host.Name {
		r.foreseeSettings(ctx, t, pg, leader)
		why := leader + " leads and does it"
		t.Skip(ctx, "settings of all members", why)
		t.Skip(ctx, "roles and databases", why)
		warnWithoutLeader(t, leader)
		return nil
	}
	if c.Pause {
		t.Warn("Patroni is paused: what can be reloaded goes in, nothing is restarted, and a lost leader is not replaced; `patronictl resume` ends it")
	}
	r.led = true
	decided, err := r.withCommonMode(ctx, t.Observer)
	if err != nil {
		return err
	}
	if err := decided.share(ctx, t, pg); err != nil {
		return err
	}
	probe := r.probePassword(t.Cluster)
	t.Hide(probe.Reveal())
	own := append(postgres.Own(r.SuperuserPassword, r.ReplicationPassword, r.RewindPassword),
		postgres.DatabaseRole{Name: probeUser, Password: probe, ConnectionLimit: 10})
	return pg.Objects(ctx, t, server(t.Observer), own)
}
