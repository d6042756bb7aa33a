package config

import (
	"strings"

	"gopkg.in/yaml.v3"
)

// isPlainTag says whether a tag only names the type.
func isPlainTag(n *yaml.Node) bool {
	switch n.ShortTag() {
	case "!!str", "!!int", "!!float", "!!bool", "!!timestamp", "!!map", "!!seq", "!!merge", "!!null", "!unsafe", "!":
		return true
	}
	return false
}

// plainTag refuses tags that mean nothing where they are.
func (d *decoder) plainTag(n *yaml.Node, path string) bool {
	switch {
	case isPlainTag(n):
		return true
	case isSource(n) || n.ShortTag() == tagSecret:
		d.problem(n, path, "%s is for secrets: this value is not one; write it as it is", n.ShortTag())
	default:
		d.problem(n, path, "unknown tag %s", clip(n.ShortTag()))
	}
	return false
}

// isTemplate says whether a text is one of Ansible's templates. What !unsafe
// says is as it stands.
func (d *decoder) isTemplate(n *yaml.Node) bool {
	return !d.sent && n.Kind == yaml.ScalarNode && n.ShortTag() == "!!str" &&
		strings.Contains(n.Value, "{{") && strings.Contains(n.Value, "}}")
}

// notTemplate is what users of Ansible have to hear.
const notTemplate = `the inventory is not a template: write the value itself, or !unsafe "..." if it has braces`
