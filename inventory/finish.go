package inventory

import (
	"encoding/json"
	"slices"
	"strings"

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

// extras reads -e.
func (l *loader) extras(extra []string) {
	for _, text := range extra {
		text = strings.TrimSpace(text)
		var n *yaml.Node
		switch {
		case text == "":
			continue
		case text[0] == '@':
			n = l.inv.Files.LoadVars(text[1:], l.problems)
		case text[0] == '{' || text[0] == '[':
			n = l.inv.Files.Parse("-e", []byte(text), l.problems)
		default:
			n = l.pairs(text)
		}
		switch {
		case n == nil:
		case n.Kind != yaml.MappingNode:
			l.problem(n, "", "-e takes variables: name=value, {name: value} or @file")
		default:
			l.inv.extra = append(l.inv.extra, layer{"-e", n})
		}
	}
}

// pairs reads name=value ..., split like a shell does. The values are texts.
func (l *loader) pairs(text string) *yaml.Node {
	words, err := split(text)
	if err != nil {
		l.problems.Add(config.Pos{File: "-e"}, "", "%v", err)
		return nil
	}
	var written []string
	for _, word := range words {
		name, value, ok := strings.Cut(word, "=")
		if !ok || name == "" {
			l.problems.Add(config.Pos{File: "-e"}, "", "%q is no variable: write name=value, {name: value} or @file", word)
			return nil
		}
		if section, key, ok := strings.Cut(name, "."); ok {
			l.problems.Add(config.Pos{File: "-e"}, "", "%q is no name for a variable: write -e '{%s: {%s: ...}}'", name, section, key)
			return nil
		}
		quotedName, _ := json.Marshal(name)
		quotedValue, _ := json.Marshal(value)
		written = append(written, string(quotedName)+": "+string(quotedValue))
	}
	return l.inv.Files.Parse("-e", []byte("{"+strings.Join(written, ", ")+"}"), l.problems)
}
