package etcd

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/pgrun/pgrun/modules"
)

const yieldDeadline = 30 * time.Second

// yieldLeadership hands leadership to another member. A leader that just stops
// leaves the cluster without one for an election, and gives every lease,
// Patroni's leader key among them, its whole time to live again.
func (m *machine) yieldLeadership() modules.Module {
	return modules.Func{Name: "hand etcd's leadership over", Find: func(ctx context.Context, r modules.Reader) (*modules.Change, error) {
		mine := gateway{send: r.Get, endpoints: []string{m.me.ClientURL}}
		s, err := mine.status(ctx)
		if err != nil {
			return nil, err
		}
		if !s.leads() {
			return nil, nil
		}
		c, err := m.inspect(ctx, r.Get)
		if err != nil {
			return nil, err
		}
		heir, ok := c.heir(s.Header.MemberID)
		if !ok {
			if len(c.voters()) == 1 {
				return nil, nil // nobody to hand it to
			}
			return nil, errors.New("no other member is healthy")
		}
		return &modules.Change{
			Summary:  fmt.Sprintf("%s leads; %s takes over", m.me.Name, nameOf(heir)),
			Deadline: yieldDeadline,
			Apply:    func(ctx context.Context, h modules.Host) error { return m.yieldTo(ctx, h, heir) },
		}, nil
	}}
}

// heir is the healthy voter that has applied most of the log.
func (c *cluster) heir(leader uint64) (heir Listed, ok bool) {
	for _, l := range c.healthyVoters() {
		if l.ID != leader && (!ok || c.status[l.ID].RaftAppliedIndex > c.status[heir.ID].RaftAppliedIndex) {
			heir, ok = l, true
		}
	}
	return heir, ok
}

func (m *machine) yieldTo(ctx context.Context, h modules.Host, heir Listed) error {
	mine := gateway{send: h.Send, endpoints: []string{m.me.ClientURL}}
	target := map[string]string{"targetID": strconv.FormatUint(heir.ID, 10)}
	if err := mine.call(ctx, "/v3/maintenance/transfer-leadership", target, &struct{}{}); err != nil {
		return fmt.Errorf("hand leadership to %s: %w", nameOf(heir), err)
	}
	for {
		s, err := gateway{send: h.Get, endpoints: []string{m.me.ClientURL}}.status(ctx)
		if err == nil && s.Leader != 0 && !s.leads() {
			return nil
		}
		if err := pause(ctx, lookEvery); err != nil {
			return fmt.Errorf("%s still leads: %w", m.me.Name, err)
		}
	}
}
