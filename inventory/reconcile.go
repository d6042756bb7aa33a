package inventory

import (
	"cmp"
	"slices"
)

// reconcile gives each group its place below all, and its depth.
func (l *loader) reconcile() {
	all, ungrouped := l.inv.byName["all"], l.inv.byName["ungrouped"]
	for _, g := range l.inv.groups {
		if g != all && len(g.parents) == 0 {
			l.child(all, g, g.pos)
		}
	}
	for _, h := range l.inv.Hosts {
		others := slices.DeleteFunc(slices.Clone(h.direct), func(g *group) bool { return g == all || g == ungrouped })
		switch {
		case len(others) > 0:
			h.direct = slices.DeleteFunc(h.direct, func(g *group) bool { return g == ungrouped })
		case !slices.Contains(h.direct, ungrouped):
			ungrouped.hosts = append(ungrouped.hosts, h)
			h.direct = append(h.direct, ungrouped)
		}
		if g, ok := l.inv.byName[h.Name]; ok {
			l.problems.Warn(h.pos, "", "%s is a host and a group: a pattern of this name means the host", g.name)
		}
	}
	ungrouped.hosts = slices.DeleteFunc(ungrouped.hosts, func(h *Host) bool { return !slices.Contains(h.direct, ungrouped) })
	measure(all)
}

// measure sets the depth of each group: the longest way down from all. A
// group is measured when all its parents are.
func measure(all *group) {
	waiting := map[*group]int{}
	ready := []*group{all}
	for len(ready) > 0 {
		g := ready[0]
		ready = ready[1:]
		for _, c := range g.children {
			c.depth = max(c.depth, g.depth+1)
			if waiting[c]++; waiting[c] == len(c.parents) {
				ready = append(ready, c)
			}
		}
	}
}

// ancestors returns the groups of a host, all among them, in Ansible's order
// of precedence, lowest first.
func (h *Host) ancestors() []*group {
	var groups []*group
	seen := map[*group]bool{}
	var above func(g *group)
	above = func(g *group) {
		if seen[g] {
			return
		}
		seen[g] = true
		groups = append(groups, g)
		for _, parent := range g.parents {
			above(parent)
		}
	}
	for _, g := range h.direct {
		above(g)
	}
	slices.SortFunc(groups, func(a, b *group) int {
		return cmp.Or(cmp.Compare(a.depth, b.depth), cmp.Compare(a.priority, b.priority), cmp.Compare(a.name, b.name))
	})
	return groups
}
