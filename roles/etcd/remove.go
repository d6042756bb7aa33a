package etcd

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// departing is the variable that actions on the removal of a host take.
func departing() []runner.Variable {
	return []runner.Variable{{Name: departs, What: "the host to take out of the cluster", Required: true, Departs: true}}
}

// removal is a member that stays, and what it knows of the one that goes.
type removal struct {
	*machine
	cluster *cluster
	goes    Listed
	found   bool
}

// removal looks at the cluster; nil where this host has no part in it.
func (r *Role) removal(ctx context.Context, o *runner.Observer) (*removal, error) {
	host := o.Given[departs]
	if !o.Host.In(Name) || o.Host.Name == host {
		return nil, nil
	}
	m, err := newMachine(r, o.View)
	if err != nil {
		return nil, err
	}
	m.departing = host
	c, err := m.inspect(ctx, o.Get)
	if err != nil {
		return nil, runner.Refuse("etcd: a member is removed only while there is a quorum: %w", err)
	}
	d := &removal{machine: m, cluster: c}
	i := slices.IndexFunc(c.listed, func(l Listed) bool { return m.is(l, host) })
	if d.found = i >= 0; d.found {
		d.goes = c.listed[i]
	}
	return d, nil
}

// removable is the action that refuses a removal before anything is changed.
func (r *Role) removable(ctx context.Context, t *runner.Target) error {
	d, err := r.removal(ctx, t.Observer)
	if err != nil || d == nil {
		return err
	}
	return d.refused()
}

func (d *removal) refused() error {
	if !d.found {
		return nil
	}
	if err := d.cluster.spares(d.goes); err != nil {
		return runner.Refuse("etcd: %s is not removed: %w", nameOf(d.goes), err)
	}
	return nil
}

// spares passes when the others keep a quorum without a member: a majority of
// them is healthy, and all are where a healthy one goes.
func (c *cluster) spares(goes Listed) error {
	if err := c.quorumLeft(); err != nil {
		return err
	}
	if goes.Learner {
		return nil
	}
	var left, down []string
	for _, l := range c.voters() {
		if l.ID == goes.ID {
			continue
		}
		left = append(left, nameOf(l))
		if !c.healthy[l.ID] {
			down = append(down, nameOf(l)+": "+c.why[l.ID])
		}
	}
	switch {
	case len(left) == 0:
		return errors.New("it is the only member, and without etcd Patroni has no leader")
	case len(left)-len(down) < len(left)/2+1:
		return fmt.Errorf("of the %d that stay too few are healthy for a quorum (%s): bring those back first", len(left), strings.Join(down, "; "))
	case c.healthy[goes.ID] && len(down) > 0:
		return fmt.Errorf("it is healthy, and another is not (%s): bring that one back, or remove it first", strings.Join(down, "; "))
	}
	return nil
}

func (r *Role) removeDue(ctx context.Context, o *runner.Observer) (string, error) {
	d, err := r.removal(ctx, o)
	if err != nil || d == nil || !d.found {
		return "", err
	}
	return nameOf(d.goes) + " is a member still", nil
}

// removeGate holds before the removal and after it.
func (r *Role) removeGate(ctx context.Context, o *runner.Observer) error {
	d, err := r.removal(ctx, o)
	if err != nil || d == nil {
		return err
	}
	if !d.found {
		if err := d.cluster.quorumLeft(); err != nil {
			return runner.Refuse("etcd: %w", err)
		}
	}
	return d.refused()
}

// remove takes the member off the list. One that leads hands over before, so
// that no lease has to wait for an election.
func (r *Role) remove(ctx context.Context, t *runner.Target) error {
	d, err := r.removal(ctx, t.Observer)
	if err != nil || d == nil || !d.found {
		return err
	}
	if leader, err := d.cluster.leader(); err == nil && leader == d.goes.ID && d.cluster.healthy[leader] {
		if err := t.Ensure(ctx, d.dethrone()); err != nil {
			return err
		}
	}
	if err := t.Ensure(ctx, d.off()); err != nil || t.Check {
		return err
	}
	t.Report(fmt.Sprintf("%s is no member of etcd any more; left: %s", nameOf(d.goes), strings.Join(d.left(), ", ")), 0)
	if n := len(d.left()); n%2 == 0 {
		t.Warn("etcd has %d members now, of which %d may fail: with one more it is %d", n, (n-1)/2, n/2)
	}
	return nil
}

func (d *removal) left() []string {
	var left []string
	for _, l := range d.cluster.voters() {
		if l.ID != d.goes.ID {
			left = append(left, nameOf(l))
		}
	}
	return left
}

// dethrone has the member that goes hand etcd's leadership to this one.
func (d *removal) dethrone() modules.Module {
	return modules.Func{Name: "hand etcd's leadership over", Find: func(context.Context, modules.Reader) (*modules.Change, error) {
		heir, ok := d.cluster.heir(d.goes.ID)
		address, asked := d.clientURL(d.goes)
		if !ok || !asked {
			return nil, nil
		}
		there := *d.machine
		there.me = Member{Name: nameOf(d.goes), ClientURL: address}
		return &modules.Change{
			Summary:  fmt.Sprintf("%s leads; %s takes over", nameOf(d.goes), nameOf(heir)),
			Deadline: yieldDeadline,
			Apply:    func(ctx context.Context, h modules.Host) error { return there.yieldTo(ctx, h, heir) },
		}, nil
	}}
}

func (d *removal) off() modules.Module {
	return modules.Func{Name: "remove etcd member " + nameOf(d.goes), Find: func(context.Context, modules.Reader) (*modules.Change, error) {
		return &modules.Change{Summary: fmt.Sprintf("id %x", d.goes.ID), Apply: func(ctx context.Context, h modules.Host) error {
			in := map[string]string{"ID": strconv.FormatUint(d.goes.ID, 10)}
			return d.machine.gateway(h.Send).call(ctx, "/v3/cluster/member/remove", in, &struct{}{})
		}}, nil
	}}
}
