package config

import (
	"bytes"

	"gopkg.in/yaml.v3"
)

// Encode returns a node as YAML text that DecodeText reads back on the other
// side. Tags stay (!secret); comments and anchors do not travel.
func Encode(n *yaml.Node) (string, error) {
	if n == nil {
		return "{}\n", nil
	}
	var text bytes.Buffer
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	if err := encoder.Encode(portable(n)); err != nil {
		return "", err
	}
	if err := encoder.Close(); err != nil {
		return "", err
	}
	return text.String(), nil
}

// portable copies a node for the journey. Texts are quoted, so that no reader
// can take them for something else.
func portable(n *yaml.Node) *yaml.Node {
	made := &yaml.Node{Kind: n.Kind, Tag: n.Tag, Value: n.Value}
	if n.Kind == yaml.ScalarNode {
		switch n.ShortTag() {
		case "!!null", "!!bool", "!!int", "!!float":
		case "!!str", "!!timestamp", "!!merge", "!unsafe", "!":
			made.Tag, made.Style = "!!str", yaml.DoubleQuotedStyle
		default:
			made.Style = yaml.DoubleQuotedStyle
		}
		return made
	}
	if len(n.Content) == 0 {
		made.Style = yaml.FlowStyle
	}
	for _, child := range n.Content {
		made.Content = append(made.Content, portable(child))
	}
	return made
}
