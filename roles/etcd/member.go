package etcd

import (
	"net/url"
	"slices"
	"strings"

	"github.com/pgrun/pgrun/roles/published"
	"github.com/pgrun/pgrun/runner"
)

// Member is a host of the inventory that shall be an etcd member.
type Member struct {
	Name      string
	ClientURL string
	PeerURL   string
}

// membersOf returns the members of my cluster that the inventory names.
func membersOf(v *runner.View) []Member {
	var members []Member
	for _, p := range v.Group(Name) {
		known, _ := published.EtcdOf(p)
		members = append(members, Member{Name: p.Name, ClientURL: known.ClientURL, PeerURL: known.PeerURL})
	}
	return members
}

// initialCluster is etcd's way to write a set of members.
func initialCluster(members []Member) string {
	parts := make([]string, len(members))
	for i, m := range members {
		parts[i] = m.Name + "=" + m.PeerURL
	}
	slices.Sort(parts)
	return strings.Join(parts, ",")
}

func names(members []Member) []string {
	list := make([]string, len(members))
	for i, m := range members {
		list[i] = m.Name
	}
	return list
}

func portOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Port()
}

func hostPort(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}
