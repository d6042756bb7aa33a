package etcd

import (
	"context"
	"fmt"
	"slices"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// leave stops etcd for good on the host that goes, once the others have taken
// it off their list. Its data stays.
func (r *Role) leave(ctx context.Context, t *runner.Target) error {
	if t.Host.Name != t.Given[departs] {
		return nil
	}
	f, err := readFormer(ctx, t)
	if err != nil || f.Token != t.Cluster { // none, or not this cluster's
		return err
	}
	u, err := t.Unit(ctx, unit)
	if err != nil {
		return err
	}
	if runs(u) {
		if err := r.offTheList(ctx, t.Observer); err != nil {
			return err
		}
	}
	stopped := modules.Service{Name: unit, Stopped: true, Disabled: true, Deadline: settle}
	if err := t.Ensure(ctx, stopped); err != nil || t.Check {
		return err
	}
	if runs(u) || u.ActiveState == "activating" || u.UnitFileState == "enabled" {
		t.Report(fmt.Sprintf("etcd is stopped and does not start at boot; its data stays in %s and is of no more use to the cluster", f.DataDir), 0)
	}
	return nil
}

// offTheList refuses while the others count on this member, or none of them
// says that they do not: stopped then, it would only be missing.
func (r *Role) offTheList(ctx context.Context, o *runner.Observer) error {
	m, err := newMachine(r, o.View)
	if err != nil {
		return err
	}
	c, err := m.inspectPeers(ctx, o.Get)
	if err != nil {
		return runner.Refuse("etcd of %s is not stopped: the other members do not say whether it is off their list: %w", o.Host.Name, err)
	}
	if slices.ContainsFunc(c.listed, func(l Listed) bool { return m.is(l, o.Host.Name) }) {
		return runner.Refuse("etcd of %s is not stopped: it is still a member, and the others count on it: run remove-node.yml again", o.Host.Name)
	}
	return nil
}
