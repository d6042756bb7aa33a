package patroni

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// mostLag is how far a replica may be behind when a member is taken out.
const mostLag = 10 << 20

// gate is what must hold before a member is restarted, and after it.
type gate struct {
	members     []string // of the inventory
	synchronous bool     // a synchronous standby is asked for
	tags        map[string]map[string]any
	spared      string // the replica that is to be restarted: it may be why
}

// refusals are the gates that v does not pass, each with what to do.
func (g gate) refusals(v view) []string {
	if silent := slices.Sorted(maps.Keys(v.Silent)); len(silent) > 0 {
		return []string{fmt.Sprintf("the REST API of %s does not answer (%v): look at `journalctl -u patroni` there", strings.Join(silent, ", "), v.Silent[silent[0]])}
	}
	leader, refused := g.leader(v)
	if refused != "" {
		return []string{refused}
	}
	state := v.Clusters[leader]
	refusals := g.quiet(state)
	for _, m := range state.Members {
		if !slices.Contains(g.members, m.Name) {
			refusals = append(refusals, stranger(m.Name))
		}
	}
	for _, name := range g.members {
		refusals = append(refusals, g.ofMember(name, state, v)...)
	}
	if g.synchronous && len(g.members) > 1 && !slices.ContainsFunc(state.Members, member.synchronous) {
		refusals = append(refusals, "there is no synchronous standby, so a commit would wait or be lost: wait until one has caught up, see `patronictl list`")
	}
	return refusals
}

// ofMember are the gates that one member does not pass.
func (g gate) ofMember(name string, state clusterState, v view) []string {
	m, ok := state.member(name)
	if !ok {
		return []string{name + " is no member in etcd: run site.yml"}
	}
	if name == g.spared && !m.leads() {
		return nil
	}
	refusals := g.member(m, state, v.senders())
	// What etcd has of a member is as old as its last loop.
	if n := v.Nodes[name]; n.State != "running" {
		refusals = append(refusals, fmt.Sprintf("PostgreSQL of %s is %s: wait until it runs", name, n.State))
	}
	return refusals
}

// leader is who leads by all accounts: etcd as each member reads it, and the
// members about themselves.
func (g gate) leader(v view) (name, refused string) {
	said := map[string][]string{}
	for _, teller := range slices.Sorted(maps.Keys(v.Clusters)) {
		leaders := strings.Join(v.Clusters[teller].leaders(), " and ")
		said[leaders] = append(said[leaders], teller)
	}
	if len(said) != 1 {
		var texts []string
		for _, leaders := range slices.Sorted(maps.Keys(said)) {
			texts = append(texts, fmt.Sprintf("%s say %q", strings.Join(said[leaders], ", "), leaders))
		}
		return "", "the members do not agree on the leader (" + strings.Join(texts, "; ") + "): a failover may be under way; wait and run again"
	}
	for leaders := range said {
		name = leaders
	}
	if name != "" && !slices.Contains(g.members, name) && !strings.Contains(name, " and ") {
		return "", name + " leads. " + stranger(name)
	}
	if _, ok := v.Nodes[name]; !ok {
		return "", fmt.Sprintf("there is no single leader (%q): see `patronictl list` and the logs of Patroni and etcd", name)
	}
	for _, other := range slices.Sorted(maps.Keys(v.Nodes)) {
		if v.Nodes[other].primary() != (other == name) {
			return "", fmt.Sprintf("etcd names %s as the leader, but PostgreSQL of %s is %s: a failover may be under way; wait and run again", name, other, v.Nodes[other].Role)
		}
	}
	return name, ""
}

// quiet is about what someone else has begun.
func (g gate) quiet(state clusterState) []string {
	var refusals []string
	if state.Pause {
		refusals = append(refusals, "Patroni is paused: find out who did it and why, then `patronictl resume`")
	}
	if len(state.Switchover) > 0 && string(state.Switchover) != "null" {
		refusals = append(refusals, fmt.Sprintf("a switchover is scheduled (%s): wait for it, or `patronictl flush <cluster> switchover`", state.Switchover))
	}
	return refusals
}

// member is about one of the inventory's members.
func (g gate) member(m member, state clusterState, senders []sender) []string {
	var refusals []string
	add := func(format string, args ...any) { refusals = append(refusals, m.Name+" "+fmt.Sprintf(format, args...)) }
	if len(m.Restart) > 0 && string(m.Restart) != "null" {
		add("has a restart scheduled (%s): wait for it, or `patronictl flush <cluster> restart`", m.Restart)
	}
	for _, tag := range []string{"nofailover", "nosync", "noloadbalance"} {
		if wanted := g.tags[m.Name]; wanted != nil && on(m.Tags[tag]) != on(wanted[tag]) {
			add("has the tag %s: %v, and the inventory says %v: it may be left over from an interrupted maintenance; run site.yml", tag, on(m.Tags[tag]), on(wanted[tag]))
		}
	}
	if m.leads() {
		if m.State != "running" {
			add("leads and is %s: wait until it runs", m.State)
		}
		return refusals
	}
	leader, _ := state.member(state.leader())
	if why := m.behind(leader, senders); why != "" {
		add("%s", why)
	}
	return refusals
}

// behind says why a replica is not close to its leader, "" when it is.
func (m member) behind(leader member, senders []sender) string {
	switch {
	case !m.streams(senders):
		return fmt.Sprintf("is %s and does not stream: wait, or look at `journalctl -u patroni` there", m.State)
	case m.Timeline != leader.Timeline && m.Timeline != 0:
		return fmt.Sprintf("is on timeline %d and the leader on %d: wait, or `patronictl reinit` it", m.Timeline, leader.Timeline)
	case m.Lag < 0 || m.Lag > mostLag:
		return fmt.Sprintf("has a lag %s, and %d is the most: wait until it has caught up", m.Lag, mostLag)
	}
	return ""
}

func on(tag any) bool { return meaning(tag) == "on" }

// gate is the role's gate: nothing may be taken out that is not whole.
func (r *Role) gate(v *runner.View) gate {
	g := gate{synchronous: r.waitsForStandby(v), tags: map[string]map[string]any{v.Host.Name: r.Tags.wanted()}}
	for _, p := range v.Group("postgres") {
		g.members = append(g.members, p.Name)
	}
	return g
}

// healthy is the Gate of every action that takes a member out for a moment.
func (r *Role) healthy(ctx context.Context, o *runner.Observer) error {
	return refuse(r.gate(o.View).refusals(look(ctx, o, o.Group("postgres"))))
}

// restartable is the gate before a restart. A replica that is not well may need
// just that restart.
func (r *Role) restartable(ctx context.Context, o *runner.Observer) error {
	g := r.gate(o.View)
	g.spared = o.Host.Name
	if err := refuse(g.refusals(look(ctx, o, o.Group("postgres")))); err != nil {
		return err
	}
	return r.unused(ctx, o)
}

// unused refuses while a client's long transaction would be ended. A server
// that does not run has none.
func (r *Role) unused(ctx context.Context, o *runner.Observer) error {
	n, err := me(ctx, o)
	if err != nil || n.State != "running" && n.State != "streaming" {
		return err
	}
	return r.shortTransactions(ctx, o)
}

func refuse(refusals []string) error {
	if len(refusals) == 0 {
		return nil
	}
	return runner.Refuse("%s", strings.Join(refusals, "; "))
}

// me asks this host's Patroni.
func me(ctx context.Context, o *runner.Observer) (nodeState, error) {
	var n nodeState
	err := get(ctx, o.Reader, o.Host, "/patroni", &n)
	return n, err
}

// state asks this host's Patroni for what etcd has.
func state(ctx context.Context, r modules.Reader, p runner.Peer) (clusterState, error) {
	var c clusterState
	err := get(ctx, r, p, "/cluster", &c)
	return c, err
}
