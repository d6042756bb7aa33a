package patroni

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// forget is what the leader does when the host that goes is stopped, or was
// lost: its key has to be gone from etcd, and its slot would keep WAL for ever.
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
	if err := r.forgetSlot(ctx, t, goes); err != nil {
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

// forgetSlot drops the slot of a member, and sees that it stays away.
func (r *Role) forgetSlot(ctx context.Context, t *runner.Target, goes string) error {
	if !r.known && !slices.ContainsFunc(t.Group("postgres"), func(p runner.Peer) bool { return p.Name == goes }) {
		t.Skip(ctx, "replication slot "+slotName(goes), "no member is called "+goes+": a slot of this name would be somebody else's")
		return nil
	}
	var dropped time.Time
	slot := dropSlot(t.Observer, goes, &dropped)
	if err := t.Ensure(ctx, slot); err != nil || dropped.IsZero() {
		return err
	}
	return t.Ensure(ctx, r.roundItsLoop(dropped), slot)
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

// roundItsLoop waits until the leader no longer goes by what etcd had before:
// in the middle of its loop it makes the slot of a member again.
func (r *Role) roundItsLoop(dropped time.Time) modules.Module {
	loop := time.Duration(r.timing().LoopWait)*time.Second + 2*time.Second
	return modules.Until{Name: "Patroni has read that it is gone", Deadline: loop + time.Minute, Met: func(context.Context, modules.Reader) (string, error) {
		if time.Since(dropped) < loop {
			return "the leader may not have been round its loop", nil
		}
		return "", nil
	}}
}

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

// dropSlot drops the slot that Patroni made for a member. Patroni itself does
// so at its next loop, or, from 4.1 on, only after member_slots_ttl. dropped is
// when.
func dropSlot(o *runner.Observer, name string, dropped *time.Time) modules.Module {
	values := map[string]string{"name": slotName(name)}
	const read = `SELECT pg_catalog.to_json(EXISTS (SELECT FROM pg_catalog.pg_replication_slots WHERE slot_name OPERATOR(pg_catalog.=) :'name' AND slot_type OPERATOR(pg_catalog.=) 'physical'));
`
	const drop = `SELECT pg_catalog.pg_drop_replication_slot(slot_name) FROM pg_catalog.pg_replication_slots
  WHERE slot_name OPERATOR(pg_catalog.=) :'name' AND slot_type OPERATOR(pg_catalog.=) 'physical';
`
	s := server(o)
	there := func(ctx context.Context, r modules.Reader) (there bool, err error) {
		err = s.Query(ctx, r, "postgres", read, values, &there)
		return there, err
	}
	return modules.Func{Name: "replication slot " + values["name"], Find: func(ctx context.Context, r modules.Reader) (*modules.Change, error) {
		if is, err := there(ctx, r); err != nil || !is {
			return nil, err
		}
		return &modules.Change{Summary: "nobody streams from it any more", Apply: func(ctx context.Context, h modules.Host) error {
			_, err := h.Exec(ctx, s.Script(ctx, h, "postgres", drop, values).Command())
			*dropped = time.Now()
			if err == nil {
				return nil
			}
			if is, again := there(ctx, h); again == nil && !is {
				return nil // Patroni was faster
			}
			return err
		}}, nil
	}}
}

// slotName is the name that Patroni gives to the slot of a member.
func slotName(member string) string {
	var b strings.Builder
	for _, c := range strings.ToLower(member) {
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9', c == '_':
			b.WriteRune(c)
		case slices.Contains([]rune("-."), c):
			b.WriteByte('_')
		default:
			fmt.Fprintf(&b, "u%04d", c)
		}
	}
	return b.String()[:min(b.Len(), 63)]
}
