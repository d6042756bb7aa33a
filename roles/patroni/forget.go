package patroni

import (
	"context"
	"time"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// forget is what the leader does when the host that goes is stopped, or was
// lost: its key has to be gone from etcd. Its slot Patroni drops by itself: 3 at
// once, 4 when member_slots_ttl (30 minutes) is over, and until then it would
// make it again.
func (r *Role) forget(ctx context.Context, t *runner.Target) error {
	if !stays(t.Observer) {
		return nil
	}
	goes := t.Given[departs]
	if err := r.silent(ctx, t, goes); err != nil {
		return err
	}
	leader, err := r.anotherLeads(ctx, t, goes)
	if err != nil || leader != t.Host.Name {
		return err
	}
	if err := t.Ensure(ctx, r.dropKey(t, goes)); err != nil {
		return err
	}
	for _, p := range t.Peers() {
		if p.Name == goes && (p.In("postgres") || p.In("etcd")) && !t.Check {
			t.Warn("%s is out of the cluster and still in the inventory: take it out of the groups etcd and postgres there. Until then the next site.yml would bring it back in", goes)
		}
	}
	return nil
}

// anotherLeads waits until a host that stays is the leader.
func (r *Role) anotherLeads(ctx context.Context, t *runner.Target, goes string) (leader string, err error) {
	err = t.Ensure(ctx, modules.Until{Name: "another leads", Deadline: settle, Met: func(ctx context.Context, _ modules.Reader) (string, error) {
		if leader = r.removal(ctx, t.Observer).leader(); leader == "" || leader == goes {
			return "a failover is under way", nil
		}
		return "", nil
	}})
	return leader, err
}

// silent waits until the member's key has run out, and refuses while it is
// renewed: then a Patroni runs that nobody has stopped.
func (r *Role) silent(ctx context.Context, t *runner.Target, goes string) error {
	lives := time.Duration(r.timing().TTL)*time.Second + 10*time.Second
	for end := time.Now().Add(lives); ; {
		keys, err := r.memberKeys(ctx, t.Get, t.View)
		if err != nil {
			return err
		}
		key, there := keys[goes]
		switch {
		case !there || !key.leased():
			return nil
		case t.Check:
			t.Skip(ctx, "the key of "+goes+" in etcd", "would wait until it runs out")
			return nil
		case time.Now().After(end):
			return runner.Refuse("Patroni runs on %s and renews its key in etcd (%s, %s), and this run cannot stop it there. "+
				"If the host can be reached, bring it back into the inventory and run this again, or run `systemctl disable --now patroni etcd` on it; if it cannot, switch it off",
				goes, key.Role, key.State)
		}
		if err := pause(ctx, time.Second); err != nil {
			return err
		}
	}
}

func (k memberKey) leased() bool { return k.Lease != "" && k.Lease != "0" }

// dropKey takes a member's key away: of a Patroni that was stopped, or one
// that no lease ends.
func (r *Role) dropKey(t *runner.Target, name string) modules.Module {
	return modules.Func{Name: "key of " + name + " in etcd", Find: func(ctx context.Context, reader modules.Reader) (*modules.Change, error) {
		keys, err := r.memberKeys(ctx, reader.Get, t.View)
		if err != nil {
			return nil, err
		}
		if _, there := keys[name]; !there {
			return nil, nil
		}
		return &modules.Change{Summary: "its Patroni is stopped", Apply: func(ctx context.Context, h modules.Host) error {
			in := map[string]any{"key": []byte(r.prefix(t.View) + "members/" + name)}
			return ask(ctx, h.Send, t.View, "/v3/kv/deleterange", in, &struct{}{})
		}}, nil
	}}
}
