package etcd

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// await waits until the member has a quorum, and records it.
func (m *machine) await(ctx context.Context, t *runner.Target) error {
	if err := t.Ensure(ctx, modules.Until{Name: "etcd has a quorum", Met: m.withoutQuorum}); err != nil {
		return err
	}
	if err := m.record(ctx, t); err != nil {
		return err
	}
	return m.knowsStrangers(ctx, t)
}

// withoutQuorum says what this member still misses, and what can be done.
func (m *machine) withoutQuorum(ctx context.Context, r modules.Reader) (string, error) {
	ok, why := healthy(ctx, r.Get, m.me.ClientURL)
	if ok {
		return "", nil
	}
	u, err := r.Unit(ctx, unit)
	if err != nil {
		return "", err
	}
	missing := []string{fmt.Sprintf("%s is %s (%s): %s", unit, u.ActiveState, u.SubState, why)}
	advice := "start etcd on those that do not answer, by pgrun on all of them; a majority of the data that is lost for good has to be restored from a snapshot"
	all := lookAtAll(ctx, r.Get, m.view.Cluster, m.others())
	for _, name := range slices.Sorted(maps.Keys(all)) {
		e := all[name]
		if e.Sight == Healthy {
			if runs(u) && m.isLearner(e.Listed) {
				return "", nil // the action replace promotes it when it has caught up
			}
			advice = fmt.Sprintf("see `journalctl -u etcd` on %s; if its data is an old copy (a disk restored from an image), stop etcd, move %s away and run pgrun again, which brings it in anew", m.me.Name, m.data)
		}
		missing = append(missing, name+" "+e.String())
	}
	if len(all) == 0 {
		advice = "see `journalctl -u etcd` on " + m.me.Name
	}
	return strings.Join(append(missing, advice), "; "), nil
}

func (m *machine) isLearner(listed []Listed) bool {
	return slices.ContainsFunc(listed, func(l Listed) bool {
		return l.Learner && slices.Contains(l.PeerURLs, m.me.PeerURL)
	})
}

// record keeps which cluster this host is a member of, so that lost data is
// never taken for a first start.
func (m *machine) record(ctx context.Context, t *runner.Target) error {
	var (
		mark marker
		s    status
	)
	known, err := t.Known(ctx, "which etcd cluster this is", func(ctx context.Context) (err error) {
		s, err = gateway{send: t.Get, endpoints: []string{m.me.ClientURL}}.status(ctx)
		mark = marker{ClusterID: clusterID(s.Header.ClusterID), Member: m.me.Name}
		return err
	})
	if err != nil || !known {
		return err
	}
	if err := m.refuseOtherRecord(ctx, t, mark.ClusterID); err != nil {
		return err
	}
	if err := t.Ensure(ctx, modules.File{Path: m.marker(), Content: mark.text(), Attributes: modules.Root(0o644)}); err != nil || !s.leads() {
		return err
	}
	return m.followAlone(ctx, t)
}

// followAlone lets etcd know of a new address of its only member.
func (m *machine) followAlone(ctx context.Context, t *runner.Target) error {
	_, listed, err := gateway{send: t.Get, endpoints: []string{m.me.ClientURL}}.members(ctx)
	if err != nil || len(listed) != 1 || m.inventoryHas(listed[0]) {
		return err
	}
	return t.Ensure(ctx, m.moveAlone(listed[0]))
}

// moveAlone gives the only member its new address. It has run there already,
// since nobody else has to reach it; a second member could not.
func (m *machine) moveAlone(l Listed) modules.Module {
	return modules.Func{Name: "etcd's address of " + m.me.Name, Find: func(context.Context, modules.Reader) (*modules.Change, error) {
		return &modules.Change{Summary: fmt.Sprintf("%s, not %s", l.PeerURLs, m.me.PeerURL), Apply: func(ctx context.Context, h modules.Host) error {
			in := map[string]any{"ID": strconv.FormatUint(l.ID, 10), "peerURLs": []string{m.me.PeerURL}}
			return gateway{send: h.Send, endpoints: []string{m.me.ClientURL}}.call(ctx, "/v3/cluster/member/update", in, &struct{}{})
		}}, nil
	}}
}
