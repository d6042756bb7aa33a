package inventory

import (
	"slices"
	"strings"

	"github.com/pgrun/pgrun/config"
	"gopkg.in/yaml.v3"
)

// Broken says whether parts of the inventory could not be read: groups, hosts
// or variables that seem to be missing may stand there.
func (i *Inventory) Broken() bool { return i.broken }

// lost reports what makes a part unreadable.
func (l *loader) lost(n *yaml.Node, path, format string, args ...any) {
	l.problem(n, path, format, args...)
	l.broken()
}

func (l *loader) broken() {
	l.inv.broken = true
	l.problems.Explain("")
}

// CheckMisplaced reports hosts that are listed as groups, and says of which
// sections a variable with a typo in its name explains that something is
// missing in them. known are the names of the roles.
func (i *Inventory) CheckMisplaced(known []string, p *config.Problems) {
	for _, g := range i.groups {
		h := i.hosts[g.name]
		if h != nil && len(g.hosts) == 0 && len(g.children) == 0 && len(g.own) == 0 && len(g.parents) > 0 {
			p.Add(g.pos, "", "%s is a host (%s), and here an empty group: write it below hosts, not below children", g.name, h.pos)
			i.broken = true
			p.Explain("")
		}
	}
	for _, layers := range i.allLayers() {
		for _, layer := range layers {
			for at := 0; at+1 < len(layer.node.Content); at += 2 {
				i.explain(layer.node.Content[at].Value, known, p)
			}
		}
	}
}

// explain says of which section a variable was meant to be, if it is unknown.
func (i *Inventory) explain(name string, known []string, p *config.Problems) {
	all := slices.Concat(known, connectionVars(), []string{"address", "custom"})
	if slices.Contains(all, name) {
		return
	}
	switch near := config.Nearest(name, all); near {
	case "":
	case "ansible_host", "ansible_ssh_host":
		p.Explain("address")
	default:
		p.Explain(near)
	}
}

func (i *Inventory) allLayers() [][]layer {
	layers := [][]layer{i.extra}
	for _, g := range i.groups {
		layers = append(layers, g.own)
		layers = append(layers, g.files...)
	}
	for _, h := range i.Hosts {
		layers = append(layers, h.own)
	}
	return layers
}

// Unused returns the variables of groups that have no host. No host gets them,
// so nobody else looks at what stands in them.
func (i *Inventory) Unused() []*yaml.Node {
	var nodes []*yaml.Node
	add := func(layers []layer) {
		for _, layer := range layers {
			nodes = append(nodes, layer.node)
		}
	}
	for _, g := range i.groups {
		if len(i.of(g)) > 0 {
			continue
		}
		add(g.own)
		for _, layers := range g.files {
			add(layers)
		}
	}
	if len(i.Hosts) == 0 {
		add(i.extra)
	}
	return nodes
}

// unknownPart says what a key of a group that is none was meant to be.
func unknownPart(g *group, key, body *yaml.Node, known []string) string {
	if body.Kind == yaml.MappingNode {
		for _, part := range known {
			if k, _ := config.Get(body, part); k != nil && config.Nearest(key.Value, known) == "" {
				return " (a group?): groups stand below children"
			}
		}
	}
	if strings.HasPrefix(key.Value, "ansible_") || key.Value == "address" {
		return ": " + g.name + " is a group here: write a host below hosts, and the variables of a group below vars"
	}
	return config.DidYouMean(key.Value, known) + ": variables stand below vars"
}
