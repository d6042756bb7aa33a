package runner

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
)

// Peer is a host of the cluster as the others know it.
type Peer struct {
	Name    string
	Address netip.Addr // where cluster members reach it
	Groups  []string

	published map[string]json.RawMessage
}

// In says whether the peer is in a group.
func (p Peer) In(group string) bool { return slices.Contains(p.Groups, group) }

// Published returns what a role of a peer made known, and whether it did.
func Published[T any](p Peer, role string) (T, bool) {
	var value T
	raw, ok := p.published[role]
	if !ok {
		return value, false
	}
	if err := json.Unmarshal(raw, &value); err != nil {
		panic(fmt.Sprintf("role %s publishes another type than is read: %v", role, err))
	}
	return value, true
}

// WithPublished returns the peer with what its roles publish, by role.
func (p Peer) WithPublished(published map[string]json.RawMessage) Peer {
	p.published = published
	return p
}

// AllPublished returns what the peer's roles publish, by role.
func (p Peer) AllPublished() map[string]json.RawMessage { return p.published }

// View is what a role knows without looking at a machine.
type View struct {
	Host Peer
	// Cluster is the cluster's name.
	Cluster string

	peers    []Peer
	sections map[string]Role
	report   func(key, message string, warning bool)
}

// NewView builds a view. peers are all hosts of the cluster, this one among
// them; sections the decoded sections that the role may read, its own too;
// report takes problems and may be nil.
func NewView(cluster string, host Peer, peers []Peer, sections map[string]Role, report func(key, message string, warning bool)) *View {
	return &View{Host: host, Cluster: cluster, peers: peers, sections: sections, report: report}
}

// Group returns the hosts of my cluster in a group, in the inventory's order.
func (v *View) Group(name string) []Peer {
	var members []Peer
	for _, p := range v.peers {
		if p.In(name) {
			members = append(members, p)
		}
	}
	return members
}

// Peers returns all hosts of my cluster, this one too, in the inventory's order.
func (v *View) Peers() []Peer { return slices.Clone(v.peers) }

// Problem reports what is wrong with a key of the role's section, and what to
// write instead. key is relative to the section: "ttl", "databases[0].name".
func (v *View) Problem(key, format string, args ...any) {
	if v.report != nil {
		v.report(key, fmt.Sprintf(format, args...), false)
	}
}

// Warning reports what is allowed but unwise.
func (v *View) Warning(key, format string, args ...any) {
	if v.report != nil {
		v.report(key, fmt.Sprintf(format, args...), true)
	}
}

// Section returns the host's section of another role, which the registry
// entry must name in Reads. R is the role's pointer type.
func Section[R Role](v *View) R {
	for _, role := range v.sections {
		if section, ok := role.(R); ok {
			return section
		}
	}
	var none R
	panic(fmt.Sprintf("a role reads the section %T which its registry entry does not name in Reads", none))
}
