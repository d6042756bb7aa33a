package inventory

import (
	"slices"
	"strings"

	"github.com/pgrun/pgrun/config"
	"gopkg.in/yaml.v3"
)

// inline writes a value on one line.
func inline(path []string, n *yaml.Node) string {
	made := shown(n)
	if slices.ContainsFunc(path, config.SoundsSecret) {
		made = hide(n)
	}
	flow(made)
	text, err := yaml.Marshal(made)
	if err != nil {
		return "?"
	}
	return strings.ReplaceAll(strings.TrimSpace(string(text)), "\n", " ")
}

func flow(n *yaml.Node) {
	switch {
	case n.Kind != yaml.ScalarNode:
		n.Style = yaml.FlowStyle
	case strings.Contains(n.Value, "\n"):
		n.Style = yaml.DoubleQuotedStyle
	}
	for _, child := range n.Content {
		flow(child)
	}
}

// shown copies a node without comments, secrets hidden.
func shown(n *yaml.Node) *yaml.Node {
	made := &yaml.Node{Kind: n.Kind, Tag: n.Tag, Value: n.Value, Style: n.Style}
	if empty(n) {
		made.Value = "null" // the encoder writes '' for nothing in a flow mapping
	}
	for at, child := range n.Content {
		if n.Kind == yaml.MappingNode && at%2 == 1 && config.SoundsSecret(n.Content[at-1].Value) {
			made.Content = append(made.Content, hide(child))
			continue
		}
		made.Content = append(made.Content, shown(child))
	}
	return made
}

// hide hides all values of a node, but not where they come from.
func hide(n *yaml.Node) *yaml.Node {
	if config.IsSource(n) || empty(n) {
		return shown(n)
	}
	if n.Kind == yaml.ScalarNode {
		if n.Value == "" {
			return shown(n)
		}
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: "***"}
	}
	made := &yaml.Node{Kind: n.Kind, Tag: n.Tag, Style: n.Style}
	for at, child := range n.Content {
		if n.Kind == yaml.MappingNode && at%2 == 0 {
			made.Content = append(made.Content, shown(child))
			continue
		}
		made.Content = append(made.Content, hide(child))
	}
	return made
}
