package inventory

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// inline writes a value on one line.
func inline(path []string, n *yaml.Node) string {
	made := shown(n)
	if n.Kind == yaml.ScalarNode && soundsSecret(path[len(path)-1]) {
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
	for at, child := range n.Content {
		if n.Kind == yaml.MappingNode && at%2 == 1 && child.Kind == yaml.ScalarNode && soundsSecret(n.Content[at-1].Value) {
			made.Content = append(made.Content, hide(child))
			continue
		}
		made.Content = append(made.Content, shown(child))
	}
	return made
}

// hide hides a value, but not where it comes from.
func hide(n *yaml.Node) *yaml.Node {
	if strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!") || empty(n) || n.Value == "" {
		return shown(n)
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: "***"}
}

func soundsSecret(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc([]string{"password", "passwd", "passphrase", "secret", "token", "credential", "_pass"}, func(part string) bool {
		return strings.Contains(name, part)
	})
}
