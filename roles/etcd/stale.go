package etcd

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// goneFor is how long a member on another host may not have answered before it
// is taken for gone: longer than a boot of etcd or a full processor.
const goneFor = 15 * time.Second

// removeStale removes this host's former selves: a member at its address whose
// data is gone, and one of its name at another address that is silent.
func (m *machine) removeStale(ctx context.Context, t *runner.Target, c *cluster) error {
	for _, l := range c.listed {
		here := slices.Contains(l.PeerURLs, m.me.PeerURL)
		if here && !l.started() || !here && (l.Name != m.me.Name || m.inventoryHas(l)) {
			continue
		}
		if err := t.Ensure(ctx, m.remove(l, here)); err != nil {
			return err
		}
	}
	return nil
}

// alive says whether anything answers for a member, healthy or not.
func (m *machine) alive(ctx context.Context, get sender, l Listed) bool {
	if s, _, _ := m.ask(ctx, get, l); s != nil {
		return true
	}
	for _, address := range m.peerURLs(l) {
		if _, err := get(ctx, modules.Request{URL: address + "/members", Deadline: lookDeadline}); err == nil {
			return true
		}
	}
	return false
}

// remove takes a member off the list. That one of this host does not run is
// known; one of another has to be silent for a while.
func (m *machine) remove(l Listed, here bool) modules.Module {
	return modules.Func{Name: "remove etcd member " + nameOf(l), Find: func(ctx context.Context, r modules.Reader) (*modules.Change, error) {
		c, err := m.inspectPeers(ctx, r.Get)
		if err != nil {
			return nil, err
		}
		if err := c.quorumLeft(); err != nil {
			return nil, runner.Refuse("etcd: %w; a member is removed only while the others have a quorum", err)
		}
		if c.healthy[l.ID] {
			return nil, refuseToRemove(l)
		}
		why := "its data is gone"
		if !here {
			why = "it does not answer at " + l.PeerURLs[0]
		}
		return &modules.Change{Summary: fmt.Sprintf("%s (id %x)", why, l.ID), Apply: func(ctx context.Context, h modules.Host) error {
			if !here {
				if err := m.silent(ctx, h.Get, l); err != nil {
					return err
				}
			}
			return m.peers(h.Send).call(ctx, "/v3/cluster/member/remove", map[string]string{"ID": strconv.FormatUint(l.ID, 10)}, &struct{}{})
		}}, nil
	}}
}

// silent asks a member again and again.
func (m *machine) silent(ctx context.Context, get sender, l Listed) error {
	for end := time.Now().Add(goneFor); time.Now().Before(end); {
		if m.alive(ctx, get, l) {
			return refuseToRemove(l)
		}
		if err := pause(ctx, 2*lookEvery); err != nil {
			return err
		}
	}
	return nil
}

func refuseToRemove(l Listed) error {
	return runner.Refuse("etcd: %s answers at %s and is not removed; if it shall go, stop it first", nameOf(l), l.PeerURLs[0])
}
