package etcd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"

	"github.com/pgrun/pgrun/runner"
)

// lag is how many entries of the log a member may be behind the leader: the
// answers are taken one after the other, while clients write.
const lag = 500

// cluster is the running cluster as its members describe it.
type cluster struct {
	id      uint64
	listed  []Listed
	status  map[uint64]status // of the members that answer
	healthy map[uint64]bool
	why     map[uint64]string // of those that do not
}

// inspect asks a member for the list and then every member for its status, at
// the same time.
func (m *machine) inspect(ctx context.Context, get sender) (*cluster, error) {
	g := m.gateway(get)
	g.deadline = inspectDeadline
	id, listed, err := g.members(ctx)
	if err != nil {
		return nil, err
	}
	c := &cluster{id: id, listed: listed, status: map[uint64]status{}, healthy: map[uint64]bool{}, why: map[uint64]string{}}
	var (
		lock  sync.Mutex
		group sync.WaitGroup
	)
	for _, l := range listed {
		group.Go(func() {
			s, ok, why := m.ask(ctx, get, l)
			lock.Lock()
			defer lock.Unlock()
			if s != nil {
				c.status[l.ID] = *s
			}
			c.healthy[l.ID], c.why[l.ID] = ok, why
		})
	}
	group.Wait()
	return c, nil
}

// ask asks one member: its status, whether it is healthy, and if not why.
func (m *machine) ask(ctx context.Context, get sender, l Listed) (*status, bool, string) {
	if !l.started() {
		return nil, false, "never started"
	}
	endpoint, ok := m.clientURL(l)
	if !ok {
		return nil, false, "its address is none of the inventory's"
	}
	g := gateway{send: get, endpoints: []string{endpoint}, deadline: inspectDeadline}
	s, err := g.status(ctx)
	if err != nil {
		return nil, false, err.Error()
	}
	if l.Learner { // serves no reads that a quorum agrees on
		return &s, false, "a learner"
	}
	ok, why := healthy(ctx, get, endpoint)
	return &s, ok, why
}

func (c *cluster) find(peerURL string) (Listed, bool) {
	i := slices.IndexFunc(c.listed, func(l Listed) bool { return slices.Contains(l.PeerURLs, peerURL) })
	if i < 0 {
		return Listed{}, false
	}
	return c.listed[i], true
}

func (c *cluster) voters() []Listed {
	return slices.DeleteFunc(slices.Clone(c.listed), func(l Listed) bool { return l.Learner })
}

func (c *cluster) healthyVoters() []Listed {
	return slices.DeleteFunc(c.voters(), func(l Listed) bool { return !c.healthy[l.ID] })
}

// leader is the member that all answers name, or 0.
func (c *cluster) leader() (uint64, error) {
	var leader uint64
	for _, l := range c.voters() {
		s, ok := c.status[l.ID]
		switch {
		case !ok:
		case s.Leader == 0:
			return 0, fmt.Errorf("%s knows no leader", l.Name)
		case leader != 0 && s.Leader != leader:
			return 0, errors.New("the members do not agree who leads")
		default:
			leader = s.Leader
		}
	}
	if leader == 0 {
		return 0, errors.New("no member leads")
	}
	return leader, nil
}

// sound passes when losing one member for a moment costs no quorum that is
// not known to come back: every voter healthy, in one cluster, under one
// leader, with the same log.
func (c *cluster) sound() error {
	for _, l := range c.listed {
		if l.Learner {
			return fmt.Errorf("%s is still a learner", nameOf(l))
		}
		if !c.healthy[l.ID] {
			return fmt.Errorf("%s is not healthy: %s", nameOf(l), c.why[l.ID])
		}
		s := c.status[l.ID]
		if s.Header.ClusterID != c.id {
			return fmt.Errorf("%s belongs to another cluster (%x, not %x)", nameOf(l), s.Header.ClusterID, c.id)
		}
		if len(s.Errors) > 0 {
			return fmt.Errorf("%s reports %q", nameOf(l), s.Errors)
		}
	}
	leader, err := c.leader()
	if err != nil {
		return err
	}
	for _, l := range c.listed {
		if applied, index := c.status[l.ID].RaftAppliedIndex, c.status[leader].RaftIndex; applied+lag < index {
			return fmt.Errorf("%s has applied entry %d of the leader's %d", nameOf(l), applied, index)
		}
	}
	return nil
}

// quorumLeft passes when the healthy voters are a majority, so that the list
// of members can be changed.
func (c *cluster) quorumLeft() error {
	if n, all := len(c.healthyVoters()), len(c.voters()); n < all/2+1 {
		return fmt.Errorf("only %d of %d etcd members are healthy", n, all)
	}
	_, err := c.leader()
	return err
}

func nameOf(l Listed) string {
	if l.Name != "" {
		return l.Name
	}
	if len(l.PeerURLs) > 0 {
		return "the member at " + l.PeerURLs[0]
	}
	return fmt.Sprintf("member %x", l.ID)
}

// gateSound is the gate of what takes a member down for a moment.
func (r *Role) gateSound(ctx context.Context, o *runner.Observer) error {
	return r.gate(ctx, o, (*cluster).sound)
}

func (r *Role) gateQuorum(ctx context.Context, o *runner.Observer) error {
	return r.gate(ctx, o, (*cluster).quorumLeft)
}

func (r *Role) gate(ctx context.Context, o *runner.Observer, pass func(*cluster) error) error {
	m, err := newMachine(r, o.View)
	if err != nil {
		return err
	}
	c, err := m.inspect(ctx, o.Get)
	if err != nil {
		return runner.Refuse("etcd: %w", err)
	}
	if err := m.refuseStrangers(c.listed, o.Given[departs]); err != nil {
		return err
	}
	if err := pass(c); err != nil {
		return runner.Refuse("etcd: %w; see `journalctl -u etcd` there", err)
	}
	return nil
}

// inventoryHas says whether the inventory names a listed member.
func (m *machine) inventoryHas(l Listed) bool {
	return slices.ContainsFunc(m.members, func(known Member) bool { return slices.Contains(l.PeerURLs, known.PeerURL) })
}
