package etcd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
	"gopkg.in/yaml.v3"
)

// holding is what is known where a member has data.
type holding struct {
	me       Member
	others   []Member
	id       identity // by the data itself
	marker   string   // id of the cluster that this host was a member of, by its own record
	peerURL  string   // by its configuration file
	client   string   // likewise, of an etcd that runs
	evidence map[string]Evidence

	data, markerPath string // for the operator
}

// refuseWrongData refuses to touch a host whose data is not what the inventory
// takes it for, before its configuration is written or its etcd started.
func (m *machine) refuseWrongData(ctx context.Context, t *runner.Target) error {
	mark, err := m.readMarker(ctx, t)
	if err != nil {
		return err
	}
	id, err := m.identity(ctx, t)
	if err != nil {
		return fmt.Errorf("whose data is in %s: %w", m.data, err)
	}
	h := holding{
		me: m.me, others: m.others(), id: id, marker: mark.ClusterID, data: m.data, markerPath: m.marker(),
		evidence: lookAtAll(ctx, t.Get, m.view.Cluster, m.others()),
	}
	if err := m.readAddresses(ctx, t, &h); err != nil {
		return err
	}
	if why := h.wrong(); why != "" {
		return runner.Refuse("etcd: %s", why)
	}
	return m.refuseStrangers(h.all(), t.Given[departs])
}

// all are the members that the others list.
func (h holding) all() []Listed {
	var all []Listed
	for _, m := range h.others {
		for _, l := range h.evidence[m.Name].Listed {
			if !slices.ContainsFunc(all, func(known Listed) bool { return known.ID == l.ID }) {
				all = append(all, l)
			}
		}
	}
	return all
}

// readAddresses reads under which addresses the member ran so far.
func (m *machine) readAddresses(ctx context.Context, r modules.Reader, h *holding) error {
	text, err := r.ReadFile(ctx, configPath, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var kept struct {
		PeerURL   string `yaml:"initial-advertise-peer-urls"`
		ClientURL string `yaml:"advertise-client-urls"`
	}
	_ = yaml.Unmarshal(text, &kept) // one that cannot be read is written anew
	h.peerURL = kept.PeerURL
	u, err := r.Unit(ctx, unit)
	if err == nil && runs(u) {
		h.client = kept.ClientURL
	}
	return err
}

// wrong says why the data must not be run here; "" when nothing speaks against
// it. The others are asked, since data alone cannot tell that it was left
// behind.
func (h holding) wrong() string {
	if why := h.otherCluster(); why != "" {
		return why
	}
	if why := h.otherMember(); why != "" {
		return why
	}
	if h.client != "" && h.client != h.me.ClientURL {
		return fmt.Sprintf("it runs on %s with the client address %s, and the inventory says %s: that changes only while it is stopped. Stop it there (`systemctl stop etcd`), one host after the other, and run pgrun again; or put the old address back",
			h.me.Name, h.client, h.me.ClientURL)
	}
	return ""
}

func (h holding) otherCluster() string {
	mine := h.marker
	if h.id.cluster != 0 {
		mine = clusterID(h.id.cluster)
	}
	if h.marker != "" && h.marker != mine {
		return fmt.Sprintf("the data in %s is of etcd cluster %s, but %s was a member of cluster %s by its own record: another cluster's data, or a snapshot that was restored. If it is the right data, remove %s there; if not, stop etcd and move the data away",
			h.data, mine, h.me.Name, h.marker, h.markerPath)
	}
	for _, m := range h.others {
		if other := h.evidence[m.Name].ClusterID; mine != "" && other != "" && other != mine {
			return fmt.Sprintf("%s has data of cluster %s and %s of cluster %s: there are two etcd clusters; decide which one counts, and on the hosts of the other stop etcd and move its data and %s away",
				h.me.Name, mine, m.Name, other, h.markerPath)
		}
	}
	return ""
}

// otherMember compares with the member that the cluster has under this data's
// id. A member that was removed never comes back; one that answers elsewhere
// than the list says would be cut off from those that have to reach it.
func (h holding) otherMember() string {
	listed, quorum, asked := h.listed()
	switch {
	case listed != nil && slices.Contains(listed.PeerURLs, h.me.PeerURL):
		return ""
	case listed != nil:
		return h.moved(*listed, quorum)
	case quorum && h.id.member != 0:
		return fmt.Sprintf("the data in %s is of member %x, which the cluster removed: it is of no use any more. Stop etcd on %s, move the data away, and run pgrun again, which brings %s in anew",
			h.data, h.id.member, h.me.Name, h.me.Name)
	case !asked && len(h.others) > 0 && h.peerURL != "" && h.peerURL != h.me.PeerURL:
		return fmt.Sprintf("%s has data as the member at %s, and the inventory says %s, which no running member knows. Start the others first, or put the old address back",
			h.me.Name, h.peerURL, h.me.PeerURL)
	}
	return ""
}

// listed is this member as the others list it; quorum says whether one of
// those that answered has one, asked whether any did.
func (h holding) listed() (mine *Listed, quorum, asked bool) {
	for _, sight := range []Sight{Healthy, NoQuorum, Forming} {
		for _, m := range h.others {
			e := h.evidence[m.Name]
			if e.Sight != sight {
				continue
			}
			quorum, asked = quorum || sight == Healthy, true
			for _, l := range e.Listed {
				if l.ID == h.id.member || h.id.member == 0 && slices.Contains(l.PeerURLs, h.me.PeerURL) {
					return &l, quorum, asked
				}
			}
		}
	}
	return nil, quorum, asked
}

func (h holding) moved(l Listed, quorum bool) string {
	for _, m := range h.others {
		if slices.Contains(l.PeerURLs, m.PeerURL) {
			return fmt.Sprintf("the data in %s of %s is a copy of %s's, and two members must never run with the same: stop etcd on %s, move the data away, and run pgrun again, which brings %s in as itself",
				h.data, h.me.Name, m.Name, h.me.Name, h.me.Name)
		}
	}
	why := fmt.Sprintf("the cluster knows %s at %s, and the inventory says %s. ", h.me.Name, l.PeerURLs, h.me.PeerURL)
	if !quorum {
		return why + "There is no quorum to change that: put the old address back, or start the members that are missing"
	}
	return why + fmt.Sprintf("Put the old address back; or, one host after the other, run `etcdctl member update %x --peer-urls=%s` on another member, `systemctl stop etcd` on %s, and pgrun again",
		l.ID, h.me.PeerURL, h.me.Name)
}
