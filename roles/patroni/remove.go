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

// departing is the variable that actions on the removal of a host take.
func departing() []runner.Variable {
	return []runner.Variable{{Name: departs, What: "the host to take out of the cluster", Required: true, Departs: true}}
}

// removal is what the members that stay say about the one that goes.
type removal struct {
	goes   string
	stay   []runner.Peer
	view   view
	strict int // standbys without which commits would stop
}

// removal asks the members that stay.
func (r *Role) removal(ctx context.Context, o *runner.Observer) removal {
	d := removal{goes: o.Given[departs]}
	for _, p := range o.Group("postgres") {
		if p.Name != d.goes {
			d.stay = append(d.stay, p)
		}
	}
	d.view = look(ctx, o, d.stay)
	if r.SynchronousModeStrict {
		d.strict = r.SynchronousNodeCount
	}
	return d
}

// refusals are why a host cannot go now. A dead member that is not the one to
// go is none: that one may be removed next.
func (d removal) refusals() []string {
	if len(d.stay) == 0 {
		return []string{d.goes + " is the only database host of the cluster"}
	}
	teller, ok := d.teller()
	if !ok {
		return []string{fmt.Sprintf("the REST API of none of the hosts that stay answers: look at `journalctl -u patroni` on %s", d.stay[0].Name)}
	}
	state := d.view.Clusters[teller]
	refusals := gate{}.quiet(state)
	leader := state.leader()
	if leader == "" {
		return append(refusals, "there is no leader: wait until one leads, see `patronictl list`")
	}
	var standbys []string
	for _, m := range state.Members {
		lead, _ := state.member(leader)
		if m.Name != d.goes && m.Name != leader && m.behind(lead, d.view.senders()) == "" {
			standbys = append(standbys, m.Name)
		}
	}
	if leader == d.goes && len(standbys) == 0 {
		refusals = append(refusals, d.goes+" leads, and no replica could take over: one must stream and have caught up")
	}
	after := len(standbys)
	if leader == d.goes {
		after--
	}
	if d.strict > after {
		refusals = append(refusals, fmt.Sprintf("without %s there are %d standbys, and patroni.synchronous_mode_strict stops all commits with less than %d: "+
			"add a standby, or take synchronous_mode_strict back", d.goes, max(after, 0), d.strict))
	}
	return refusals
}

// teller is a member that stays and answers.
func (d removal) teller() (string, bool) {
	for _, p := range d.stay {
		if _, ok := d.view.Clusters[p.Name]; ok {
			return p.Name, true
		}
	}
	return "", false
}

func (d removal) leader() string {
	teller, _ := d.teller()
	return d.view.Clusters[teller].leader()
}

// stays says whether this host is a database host that stays.
func stays(o *runner.Observer) bool {
	return o.Host.In("postgres") && o.Host.Name != o.Given[departs]
}

// removable is the action that refuses a removal before anything is changed.
func (r *Role) removable(ctx context.Context, t *runner.Target) error {
	if !stays(t.Observer) {
		return nil
	}
	keys, err := r.memberKeys(ctx, t.Get, t.View)
	if err != nil {
		return runner.Refuse("%w", err)
	}
	goes := t.Given[departs]
	_, member := keys[goes]
	if !member {
		if !slices.ContainsFunc(t.Peers(), func(p runner.Peer) bool { return p.Name == goes }) {
			t.Warn("neither Patroni nor the inventory knows a host %q; members are %s", goes, strings.Join(sortedNames(keys), ", "))
		}
		return nil
	}
	return refuse(r.removal(ctx, t.Observer).refusals())
}

// removeGate is the gate of the steps of a removal.
func (r *Role) removeGate(ctx context.Context, o *runner.Observer) error {
	return refuse(r.removal(ctx, o).refusals())
}

// yieldDue is due on the members that stay while the host that goes leads.
func (r *Role) yieldDue(ctx context.Context, o *runner.Observer) (string, error) {
	if !stays(o) {
		return "", nil
	}
	d := r.removal(ctx, o)
	if d.leader() != d.goes {
		return "", nil
	}
	return d.goes + " leads", nil
}

// yield makes a replica the leader in place of the host that goes. Any member
// can ask for that.
func (r *Role) yield(ctx context.Context, t *runner.Target) error {
	goes, heir := t.Given[departs], ""
	u := r.turn(t)
	if err := t.Ensure(ctx, u.watched(modules.Func{Name: "switchover", Find: func(ctx context.Context, _ modules.Reader) (*modules.Change, error) {
		d := r.removal(ctx, t.Observer)
		if d.leader() != goes {
			return nil, nil
		}
		candidate, err := successor{}.choose(d.view.Clusters[t.Host.Name], d.view)
		if err != nil {
			return nil, err
		}
		heir = candidate
		return &modules.Change{
			Summary: "from " + goes + " to " + candidate, Deadline: 5 * time.Minute,
			Before: []byte("leader: " + goes + "\n"), After: []byte("leader: " + candidate + "\n"),
			Apply: func(ctx context.Context, h modules.Host) error {
				body := map[string]string{"leader": goes, "candidate": candidate}
				response, err := r.call(ctx, h, t.Host, "POST", "/switchover", body, switchoverDeadline)
				if err == nil && response.Status != statusOK {
					err = answered("switchover from "+goes+" to "+candidate, response)
				}
				return err
			},
		}, nil
	}})); err != nil || heir == "" || t.Check {
		return err
	}
	err := t.Ensure(ctx, modules.Until{Name: heir + " leads", Deadline: settle, Met: func(ctx context.Context, _ modules.Reader) (string, error) {
		d := r.removal(ctx, t.Observer)
		if d.leader() != heir || !d.view.Nodes[heir].primary() {
			return fmt.Sprintf("%q leads", d.leader()), nil
		}
		return "", nil
	}})
	if err == nil {
		u.report(t, goes+" handed over to "+heir)
	}
	return err
}
