package inventory

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

var subscript = regexp.MustCompile(`^(.+)\[(?:(-?\d+)|(\d+)[:-](\d*))\]$`)

// term returns the hosts of one term.
func (i *Inventory) term(term string) ([]*Host, error) {
	if h, ok := i.hosts[term]; ok {
		return []*Host{h}, nil
	}
	if strings.HasPrefix(term, "~") {
		return i.named(term)
	}
	parts := subscript.FindStringSubmatch(term)
	if parts == nil {
		return i.named(term)
	}
	hosts, err := i.named(parts[1])
	if err != nil || len(hosts) == 0 {
		return nil, err
	}
	from, to, err := bounds(parts, len(hosts))
	if err != nil || from < 0 || from >= len(hosts) {
		return nil, fmt.Errorf("%q: %s has %d hosts, counted from 0", term, parts[1], len(hosts))
	}
	return hosts[from : min(to, len(hosts)-1)+1], nil
}

// bounds reads [2], [-1], [0:2] and [1:], whose last host counts too.
func bounds(parts []string, size int) (from, to int, err error) {
	if parts[2] != "" {
		from, err = strconv.Atoi(parts[2])
		if from < 0 {
			from += size
		}
		return from, from, err
	}
	if from, err = strconv.Atoi(parts[3]); err != nil {
		return 0, 0, err
	}
	to = size - 1
	if parts[4] != "" {
		to, err = strconv.Atoi(parts[4])
	}
	if to < from {
		err = strconv.ErrRange
	}
	return from, to, err
}

// named returns the hosts of the groups that a name, glob or regex means, and
// where it can mean several, of the hosts.
func (i *Inventory) named(expression string) ([]*Host, error) {
	matches, err := matcher(expression)
	if err != nil {
		return nil, err
	}
	var hosts []*Host
	group := false
	for _, g := range i.groups {
		if matches(g.name) {
			group = true
			hosts = append(hosts, i.of(g)...)
		}
	}
	if !group || strings.ContainsAny(expression, "~.?*[") {
		for _, h := range i.Hosts {
			if matches(h.Name) {
				hosts = append(hosts, h)
			}
		}
	}
	hosts = distinct(hosts)
	if !group && len(hosts) == 0 && !slices.Contains(Conventional(), expression) {
		return nil, fmt.Errorf("no host or group is called %q%s", expression, i.instead(expression))
	}
	return hosts, nil
}

// instead suggests what a pattern that names nothing was meant to name.
func (i *Inventory) instead(expression string) string {
	if near := didYouMean(expression, i.names()); near != "" {
		return near
	}
	if expression == "localhost" {
		return ": it is not implied; name hosts of the inventory, and run with --local on a host itself"
	}
	groups := []string{"all"}
	for _, g := range i.groups {
		if g.name != "all" && g.name != "ungrouped" {
			groups = append(groups, g.name)
		}
	}
	if list := strings.Join(groups, ", "); len(list) <= 120 {
		return " (groups: " + list + ")"
	}
	return ""
}

// distinct keeps the first of equal hosts.
func distinct(hosts []*Host) []*Host {
	seen := make(map[*Host]bool, len(hosts))
	return slices.DeleteFunc(hosts, func(h *Host) bool {
		again := seen[h]
		seen[h] = true
		return again
	})
}

// of returns the hosts of a group and of those below it, nearest first: the
// order that group[0] counts in.
func (i *Inventory) of(g *group) []*Host {
	var hosts []*Host
	members, seen := map[*Host]bool{}, map[*group]bool{g: true}
	for queue := []*group{g}; len(queue) > 0; queue = queue[1:] {
		for _, h := range queue[0].hosts {
			if !members[h] {
				members[h] = true
				hosts = append(hosts, h)
			}
		}
		for _, child := range queue[0].children {
			if !seen[child] {
				seen[child] = true
				queue = append(queue, child)
			}
		}
	}
	return hosts
}

func (i *Inventory) names() []string {
	names := Conventional()
	for _, g := range i.groups {
		names = append(names, g.name)
	}
	for _, h := range i.Hosts {
		names = append(names, h.Name)
	}
	return names
}
