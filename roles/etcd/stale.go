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

// removeStale removes this host's former selves, and members that the
// inventory no longer names and that are gone. Whoever has the address of
// another host of the inventory is that host's concern.
func (m *machine) removeStale(ctx context.Context, t *runner.Target, c *cluster) error {
	for _, l := range c.listed {
		here := slices.Contains(l.PeerURLs, m.me.PeerURL)
		switch {
		case here && !l.started(), !here && m.inventoryHas(l):
			continue
		case !here && l.Name != m.me.Name && alive(ctx, t.Get, l):
			t.Skip(ctx, "remove member "+nameOf(l), "the inventory does not name it, but it answers; if it shall go, stop it first")
			continue
		}
		if err := t.Ensure(ctx, m.remove(l, here)); err != nil {
			return err
		}
	}
	return nil
}

// alive says whether anything answers for a member, healthy or not.
func alive(ctx context.Context, get sender, l Listed) bool {
	if s, _, _ := ask(ctx, get, l); s != nil {
		return true
	}
	for _, address := range l.PeerURLs {
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
				if err := silent(ctx, h.Get, l); err != nil {
					return err
				}
			}
			return m.peers(h.Send).call(ctx, "/v3/cluster/member/remove", map[string]string{"ID": strconv.FormatUint(l.ID, 10)}, &struct{}{})
		}}, nil
	}}
}

// silent asks a member again and again.
func silent(ctx context.Context, get sender, l Listed) error {
	for end := time.Now().Add(goneFor); time.Now().Before(end); {
		if alive(ctx, get, l) {
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
