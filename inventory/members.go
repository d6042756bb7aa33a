package inventory

import (
	"regexp"
	"slices"
	"strconv"

	"github.com/pgrun/pgrun/config"
	"gopkg.in/yaml.v3"
)

var (
	groupName = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*$`)
	hostName  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)
)

// longestName is that of the DNS.
const longestName = 253

// group returns the group of a name, making it when it is new.
func (l *loader) group(name string, pos config.Pos) *group {
	if g, ok := l.inv.byName[name]; ok {
		return g
	}
	g := &group{name: name, pos: pos, priority: 1, place: len(l.inv.groups)}
	l.inv.byName[name] = g
	l.inv.groups = append(l.inv.groups, g)
	return g
}

// members reads what a file says of a group; nil when that is no group.
func (l *loader) members(key, body *yaml.Node, above string) *group {
	path := key.Value
	if above != "" {
		path = above + "." + key.Value
	}
	if !groupName.MatchString(key.Value) {
		l.lost(key, above, "%q is no name for a group: letters, digits, _ . and -", key.Value)
		return nil
	}
	if !empty(body) && body.Kind != yaml.MappingNode {
		l.lost(body, path, "a group holds hosts, children and vars")
		return nil
	}
	g := l.group(key.Value, l.inv.Files.Pos(key))
	for i := 0; i+1 < len(body.Content); i += 2 {
		l.part(g, body.Content[i], body.Content[i+1], path)
	}
	return g
}

// part reads one key of a group, in the order of the file, as Ansible does.
func (l *loader) part(g *group, key, body *yaml.Node, path string) {
	known := []string{"hosts", "children", "vars"}
	if !slices.Contains(known, key.Value) {
		l.lost(key, path, "unknown key %q%s", key.Value, unknownPart(g, key, body, known))
		return
	}
	path += "." + key.Value
	switch {
	case empty(body):
		return
	case body.Kind == yaml.ScalarNode && key.Value != "vars":
		// Ansible takes a single name for a mapping of one.
		body = &yaml.Node{Kind: yaml.MappingNode, Content: []*yaml.Node{body, {Kind: yaml.ScalarNode, Tag: "!!null"}}}
	case body.Kind != yaml.MappingNode:
		l.lost(body, path, "a mapping is expected: write each as a key, \"db1:\" and not \"- db1\", with its own below")
		return
	}
	switch key.Value {
	case "vars":
		l.vars(g, body)
	case "children":
		for i := 0; i+1 < len(body.Content); i += 2 {
			if child := l.members(body.Content[i], body.Content[i+1], path); child != nil {
				l.child(g, child, l.inv.Files.Pos(body.Content[i]))
			}
		}
	case "hosts":
		for i := 0; i+1 < len(body.Content); i += 2 {
			l.hosts(g, body.Content[i], body.Content[i+1], path)
		}
	}
}

func (l *loader) vars(g *group, body *yaml.Node) {
	g.own = append(g.own, layer{"group " + g.name, body})
	l.priority(g, body)
}

// priority takes the priority of a group from its variables.
func (l *loader) priority(g *group, vars *yaml.Node) {
	_, value := config.Get(vars, "ansible_group_priority")
	if value == nil {
		return
	}
	priority, err := strconv.Atoi(value.Value)
	if err != nil {
		l.problem(value, "ansible_group_priority", "a whole number is expected")
		return
	}
	g.priority = priority
}

func (l *loader) child(parent, child *group, pos config.Pos) {
	switch {
	case slices.Contains(child.parents, parent): // few, where all has many children
		return
	case child.name == "all" || parent == child || child.contains(parent):
		l.problems.Add(pos, parent.name+".children", "the group %s would contain itself", child.name)
		return
	}
	parent.children = append(parent.children, child)
	child.parents = append(child.parents, parent)
}

// contains says whether a group is among the descendants.
func (g *group) contains(other *group) bool {
	seen := map[*group]bool{}
	var below func(*group) bool
	below = func(at *group) bool {
		if seen[at] {
			return false
		}
		seen[at] = true
		return slices.ContainsFunc(at.children, func(c *group) bool { return c == other || below(c) })
	}
	return below(g)
}

// hosts reads a host, or a range of them, and its variables.
func (l *loader) hosts(g *group, key, vars *yaml.Node, path string) {
	if len(key.Value) > longestName {
		l.lost(key, path, "a name of a host has at most %d characters", longestName)
		return
	}
	names, port, err := expand(key.Value, maxHosts-len(l.inv.Hosts))
	if err != nil {
		l.lost(key, path, "%v", err)
		return
	}
	if !empty(vars) && vars.Kind != yaml.MappingNode {
		l.lost(vars, path+"."+key.Value, "the variables of a host are a mapping (name: value)")
		return
	}
	for _, name := range names {
		if name == "all" {
			l.lost(key, path, "\"all\" is the group of all hosts, and no name for one")
			return
		}
		if !hostName.MatchString(name) {
			l.lost(key, path, "%q is no name for a host: letters, digits, . _ and -, beginning with a letter or digit", name)
			return
		}
		h := l.host(name, key)
		if !slices.Contains(h.direct, g) {
			g.hosts = append(g.hosts, h)
			h.direct = append(h.direct, g)
		}
		if port != "" {
			h.own = append(h.own, layer{"host " + name, l.portVar(key, port)})
		}
		if len(vars.Content) > 0 {
			h.own = append(h.own, layer{"host " + name, vars})
		}
	}
}

func (l *loader) host(name string, key *yaml.Node) *Host {
	if h, ok := l.inv.hosts[name]; ok {
		return h
	}
	h := &Host{Name: name, pos: l.inv.Files.Pos(key)}
	l.inv.hosts[name] = h
	l.inv.Hosts = append(l.inv.Hosts, h)
	return h
}

// portVar is what "db1:2222" says.
func (l *loader) portVar(key *yaml.Node, port string) *yaml.Node {
	name := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: "ansible_port"}
	value := &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: port}
	l.inv.Files.Adopt(name, key)
	l.inv.Files.Adopt(value, key)
	return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Content: []*yaml.Node{name, value}}
}

func empty(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }
