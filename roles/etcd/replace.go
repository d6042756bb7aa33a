package etcd

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/roles/etcd/api"
	"github.com/pgrun/pgrun/runner"
)

// promoteDeadline bounds how long a new member may take to catch up.
const promoteDeadline = 10 * time.Minute

// notPromoted is how etcd refuses a learner that is not in sync yet, and one
// that is none any more: an earlier call has promoted it.
const notPromoted = "can only promote a learner member"

// replaceDue is due where the cluster has a quorum and this host is not, or no
// longer, a full member of it.
func (r *Role) replaceDue(ctx context.Context, o *runner.Observer) (string, error) {
	if !o.Host.In(Name) || len(o.Group(Name)) == 1 {
		return "", nil
	}
	m, err := newMachine(r, o.View)
	if err != nil {
		return "", err
	}
	data, err := m.hasData(ctx, o)
	if err != nil {
		return "", err
	}
	c, err := m.inspectPeers(ctx, o.Get)
	if err != nil { // without a quorum nobody can be brought in; Apply says what is missing
		return "", context.Cause(ctx)
	}
	return c.lacks(m.me.PeerURL, data), nil
}

// lacks says what the cluster lacks of a full member at a peer URL, "" when it
// is one; data is whether the host has any.
func (c *cluster) lacks(peerURL string, data bool) string {
	mine, known := c.find(peerURL)
	switch {
	case data && known && mine.Learner:
		return "it is a learner still"
	case data:
		return ""
	case !known:
		return "etcd does not know it yet"
	case mine.started():
		return "etcd knows it, but its data is gone"
	default:
		return "etcd waits for it"
	}
}

// inspectPeers inspects the cluster without asking this host.
func (m *machine) inspectPeers(ctx context.Context, get sender) (*cluster, error) {
	alone := *m
	alone.me.ClientURL = ""
	return alone.inspect(ctx, get)
}

// replace brings this host in as a member: always remove first and add then,
// since adding raises the quorum; as a learner, which has no vote before it
// has the data.
func (r *Role) replace(ctx context.Context, t *runner.Target) error {
	m, err := newMachine(r, t.View)
	if err != nil {
		return err
	}
	data, err := m.hasData(ctx, t)
	if err != nil {
		return err
	}
	if !data {
		if err := m.enter(ctx, t); err != nil {
			return err
		}
	}
	err = t.Ensure(ctx, m.promote(), modules.Until{Name: "etcd serves here", Met: m.withoutQuorum, Deadline: settle})
	if err != nil {
		return err
	}
	return m.record(ctx, t)
}

// enter registers this host and starts it.
func (m *machine) enter(ctx context.Context, t *runner.Target) error {
	if err := t.Ensure(ctx, m.packages(false)); err != nil {
		return err
	}
	if err := m.ensureFolders(ctx, t); err != nil {
		return err
	}
	if data, err := m.settled(ctx, t); err != nil || data {
		return err
	}
	c, err := m.inspectPeers(ctx, t.Get)
	if err != nil {
		return err
	}
	if err := m.refuseOtherRecord(ctx, t, clusterID(c.id)); err != nil {
		return err
	}
	if err := m.refuseInstalled(ctx, t, c); err != nil {
		return err
	}
	if err := m.removeStale(ctx, t, c); err != nil {
		return err
	}
	if err := t.Ensure(ctx, m.add()); err != nil {
		return err
	}
	begin, err := m.joining(ctx, t)
	if err != nil {
		return err
	}
	return m.begin(ctx, t, begin)
}

// add makes this host a learner.
func (m *machine) add() modules.Module {
	return modules.Func{Name: "add etcd member " + m.me.Name, Find: func(ctx context.Context, r modules.Reader) (*modules.Change, error) {
		c, err := m.inspectPeers(ctx, r.Get)
		if err != nil {
			return nil, err
		}
		if _, known := c.find(m.me.PeerURL); known {
			return nil, nil
		}
		for _, l := range c.listed {
			if l.Learner {
				return nil, runner.Refuse("etcd: %s is a learner still, and etcd takes one at a time: run pgrun for it first, or, if it is gone for good, `etcdctl member remove %x`", nameOf(l), l.ID)
			}
		}
		return &modules.Change{Summary: "not a member", Apply: func(ctx context.Context, h modules.Host) error {
			in := map[string]any{"peerURLs": []string{m.me.PeerURL}, "isLearner": true}
			return m.peers(h.Send).call(ctx, "/v3/cluster/member/add", in, &struct{}{})
		}}, nil
	}}
}

func (m *machine) peers(send sender) gateway {
	return gateway{send: send, endpoints: clientURLs(m.others())}
}

// joining is the initial cluster of a member that the cluster expects.
func (m *machine) joining(ctx context.Context, t *runner.Target) (beginning, error) {
	begin := beginning{Cluster: initialCluster(m.members), State: stateExisting}
	_, err := t.Known(ctx, "the members of etcd", func(ctx context.Context) error {
		c, err := m.inspectPeers(ctx, t.Get)
		if err != nil {
			return err
		}
		if _, known := c.find(m.me.PeerURL); !known {
			return fmt.Errorf("etcd does not list %s", m.me.Name)
		}
		members, err := Question{Members: m.members}.named(c.listed)
		begin.Cluster = initialCluster(members)
		return err
	})
	return begin, err
}

// promote gives the learner its vote when it has caught up.
func (m *machine) promote() modules.Module {
	return modules.Func{Name: "promote etcd member " + m.me.Name, Find: func(ctx context.Context, r modules.Reader) (*modules.Change, error) {
		c, err := m.inspectPeers(ctx, r.Get)
		if err != nil {
			return nil, err
		}
		mine, known := c.find(m.me.PeerURL)
		if known && !mine.Learner {
			return nil, nil
		}
		return &modules.Change{Summary: "it is a learner", Deadline: promoteDeadline + settle, Apply: func(ctx context.Context, h modules.Host) error {
			return m.promoteWhenReady(ctx, h)
		}}, nil
	}}
}

func (m *machine) promoteWhenReady(ctx context.Context, h modules.Host) error {
	end := time.Now().Add(promoteDeadline)
	for {
		err := m.tryPromote(ctx, h)
		var refused *api.Refusal
		if err == nil || errors.As(err, &refused) && !strings.Contains(refused.Message, notPromoted) && !refused.Elsewhere() {
			return err
		}
		if time.Now().After(end) {
			return fmt.Errorf("%s did not catch up within %s: %w", m.me.Name, promoteDeadline, err)
		}
		if err := pause(ctx, 2*lookEvery); err != nil {
			return err
		}
	}
}

func (m *machine) tryPromote(ctx context.Context, h modules.Host) error {
	c, err := m.inspectPeers(ctx, h.Get)
	if err != nil {
		return err
	}
	mine, known := c.find(m.me.PeerURL)
	if !known {
		return &api.Refusal{Message: "etcd does not list " + m.me.Name + " any more"}
	}
	if !mine.Learner {
		return nil
	}
	in := map[string]string{"ID": strconv.FormatUint(mine.ID, 10)}
	return m.peers(h.Send).call(ctx, "/v3/cluster/member/promote", in, &struct{}{})
}
