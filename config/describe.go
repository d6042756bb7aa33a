package config

import (
	"fmt"

	"gopkg.in/yaml.v3"
)

// kindOf names a node's kind for a message.
func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	return "a text"
}

// describe names a node's kind, and the value of a scalar.
func describe(n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode {
		return kindOf(n)
	}
	switch n.ShortTag() {
	case "!!null":
		return "nothing"
	case "!!int", "!!float":
		return "the number " + clip(n.Value)
	case "!!bool":
		return "the boolean " + clip(n.Value)
	}
	if at := keyAlone.FindStringSubmatch(n.Value); at != nil && SoundsSecret(at[1]) {
		return "a text (is a colon missing in it?)"
	}
	return fmt.Sprintf("the text %q", clip(n.Value))
}

// clip shortens a value for a message.
func clip(value string) string {
	const most = 40
	runes := []rune(value)
	if len(runes) <= most {
		return value
	}
	return string(runes[:most]) + "…"
}
