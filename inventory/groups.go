package inventory

import (
	"slices"

	"github.com/pgrun/pgrun/config"
)

// checkGroups reports groups that are called nearly as one that roles look at,
// and have hosts that are not in that one: no role would come to them.
func (i *Inventory) checkGroups(p *config.Problems) {
	for _, g := range i.groups {
		right := nearlyConventional(g.name)
		if right == "" {
			continue
		}
		missed := i.missed(g, right)
		switch {
		case missed != nil && builtByRoles(right):
			p.Add(g.pos, "", "no role looks at the group %q (did you mean %q?): its host %s is not in %[2]s", g.name, right, missed.Name)
		case missed != nil, len(i.of(g)) == 0 && len(g.own) > 0:
			p.Warn(g.pos, "", "no role looks at the group %q (did you mean %q?)", g.name, right)
		}
	}
}

// nearlyConventional returns the group of the roles that a name nearly is, ""
// for one that is such a group itself, or like none.
func nearlyConventional(name string) string {
	if slices.Contains(Conventional(), name) {
		return ""
	}
	return near(name, Conventional())
}

// builtByRoles says whether the built-in playbooks have plays for a group.
func builtByRoles(name string) bool {
	return name == "etcd" || name == "postgres" || name == "balancers"
}

// missed is the first host of a group that is not in the right one, nil when
// there is none.
func (i *Inventory) missed(g *group, right string) *Host {
	var there []*Host
	if other := i.byName[right]; other != nil {
		there = i.of(other)
	}
	for _, h := range i.of(g) {
		if !slices.Contains(there, h) {
			return h
		}
	}
	return nil
}
