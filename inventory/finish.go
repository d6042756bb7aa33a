package inventory

import (
	"slices"

	"github.com/pgrun/pgrun/config"
	"gopkg.in/yaml.v3"
)

// finish sets a host's groups, and its variables from all layers.
func (l *loader) finish(h *Host, files []layer) {
	groups := h.ancestors()
	for _, g := range slices.SortedFunc(slices.Values(groups), func(a, b *group) int { return a.place - b.place }) {
		if g.name != "all" && g.name != "ungrouped" {
			h.Groups = append(h.Groups, g.name)
		}
	}
	for _, g := range groups {
		h.layers = append(h.layers, g.own...)
	}
	all := slices.IndexFunc(groups, func(g *group) bool { return g.name == "all" })
	h.layers = append(h.layers, byFolder(groups[all:all+1])...)
	h.layers = append(h.layers, byFolder(slices.Delete(groups, all, all+1))...)
	h.layers = append(h.layers, h.own...)
	h.layers = append(h.layers, files...)
	h.layers = append(h.layers, l.inv.extra...)
	h.Vars = &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map"}
	for _, layer := range h.layers {
		h.Vars = config.Merge(h.Vars, layer.node)
	}
}

// byFolder returns the group_vars of groups: those beside the first source,
// then those beside the next.
func byFolder(groups []*group) []layer {
	var layers []layer
	for i := 0; ; i++ {
		more := false
		for _, g := range groups {
			if i < len(g.files) {
				layers, more = append(layers, g.files[i]...), true
			}
		}
		if !more {
			return layers
		}
	}
}
