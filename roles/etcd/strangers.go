package etcd

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// departs is the variable that names the host to remove.
const departs = "host"

// tellingFor is how long an etcd that runs may take until it tells who its
// members are: it answers on its peer port soon after its start.
const tellingFor = 15 * time.Second

// members is the action that refuses a run before it changes anything: where
// etcd's list of members and the inventory contradict each other, and where
// this host belongs to a cluster of another name.
func (r *Role) members(ctx context.Context, t *runner.Target) error {
	if !t.Host.In(Name) {
		return nil
	}
	m, err := newMachine(r, t.View)
	if err != nil {
		return err
	}
	if err := m.refuseOtherName(ctx, t); err != nil {
		return err
	}
	listed, err := m.told(ctx, t)
	if err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		// Apply looks again, once etcd serves, and goes no further before it knows.
		t.Skip(ctx, "members of etcd", "not known before etcd runs: "+err.Error())
		return nil
	}
	return m.refuseStrangers(listed, t.Given[departs])
}

// told is the list of members: the one that a quorum agrees on, or what single
// members know. Where etcd runs on this host there is one, if not at once.
func (m *machine) told(ctx context.Context, r modules.Reader) ([]Listed, error) {
	for end := time.Now().Add(tellingFor); ; {
		listed, err := m.lists(ctx, r.Get)
		if err == nil {
			return listed, nil
		}
		u, unitErr := r.Unit(ctx, unit)
		if unitErr != nil || !runs(u) || time.Now().After(end) {
			return nil, errors.Join(err, unitErr)
		}
		if err := pause(ctx, lookEvery); err != nil {
			return nil, err
		}
	}
}

func (m *machine) lists(ctx context.Context, get sender) ([]Listed, error) {
	g := m.gateway(get)
	g.deadline = inspectDeadline
	_, listed, err := g.members(ctx)
	if err == nil {
		return listed, nil
	}
	for _, e := range lookAtAll(ctx, get, m.view.Cluster, m.members) {
		for _, l := range e.Listed {
			if !slices.ContainsFunc(listed, func(known Listed) bool { return known.ID == l.ID }) {
				listed = append(listed, l)
			}
		}
	}
	if len(listed) == 0 {
		return nil, err
	}
	return listed, nil
}

// knowsStrangers is for when etcd serves: a list that cannot be read then is no
// list without strangers.
func (m *machine) knowsStrangers(ctx context.Context, t *runner.Target) error {
	var listed []Listed
	known, err := t.Known(ctx, "the members of etcd", func(ctx context.Context) (err error) {
		listed, err = m.lists(ctx, t.Get)
		return err
	})
	if err != nil || !known {
		return err
	}
	return m.refuseStrangers(listed, t.Given[departs])
}

// refuseStrangers refuses where the list of members and the inventory
// contradict each other; the member that is being removed may be there.
func (m *machine) refuseStrangers(listed []Listed, departing string) error {
	var refusals []string
	for _, l := range listed {
		if departing != "" && m.is(l, departing) {
			continue
		}
		if why := m.contradicts(l, len(listed) == 1); why != "" {
			refusals = append(refusals, why)
		}
	}
	if len(refusals) == 0 {
		return nil
	}
	slices.Sort(refusals)
	return runner.Refuse("etcd: %s", strings.Join(refusals, "; "))
}

// contradicts says how a member contradicts the inventory. A host under a new
// address is that host's own concern, and so is one whose member never began.
func (m *machine) contradicts(l Listed, alone bool) string {
	for _, known := range m.members {
		if !slices.Contains(l.PeerURLs, known.PeerURL) || l.Name == "" || l.Name == known.Name {
			continue
		}
		return fmt.Sprintf("the member at %s is %s, and the inventory calls the host there %s: two hosts have each other's address, or one was renamed. "+
			"Give each host of the inventory the address that it had, or the name", known.PeerURL, l.Name, known.Name)
	}
	if m.inventoryHas(l) || alone || slices.ContainsFunc(m.members, func(known Member) bool { return known.Name == l.Name }) {
		return ""
	}
	return fmt.Sprintf("%s (%s) is a member, and the inventory does not have it in the group etcd: it counts for the quorum. "+
		"Bring it back into the inventory, or take it out of the cluster: `pgrun remove-node.yml -e host=%s`", nameOf(l), strings.Join(l.PeerURLs, ", "), handle(l))
}

// handle is what an operator calls a member by: one that never started has no
// name.
func handle(l Listed) string {
	if l.Name == "" && len(l.PeerURLs) > 0 {
		if ip, _, ok := ipPort(l.PeerURLs[0]); ok {
			return ip.String()
		}
	}
	return l.Name
}

// is says whether an operator means a member by a name or an address.
func (m *machine) is(l Listed, host string) bool {
	if l.Name == host {
		return true
	}
	for _, address := range l.PeerURLs {
		if ip, _, ok := ipPort(address); ok && ip.String() == host {
			return true
		}
		if slices.ContainsFunc(m.members, func(known Member) bool { return known.Name == host && known.PeerURL == address }) {
			return true
		}
	}
	return false
}

// ipPort reads a URL that is an IP address and a port, and nothing else.
func ipPort(address string) (ip netip.Addr, port uint16, ok bool) {
	u, err := url.Parse(address)
	if err != nil || u.User != nil || u.Path != "" && u.Path != "/" || u.RawQuery != "" || u.Scheme != "http" && u.Scheme != "https" {
		return ip, 0, false
	}
	both, err := netip.ParseAddrPort(u.Host)
	return both.Addr(), both.Port(), err == nil
}
