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
	case isSource(n):
		d.problem(n, path, "%s is for secrets: this value is not one; write it as it is", n.ShortTag())
	default:
		d.problem(n, path, unknownTag)
	}
	return false
}

const unknownTag = "an unknown tag: known are !env NAME, !file path and !command [argv], which fetch secrets, and !unsafe; quote a value that begins with !"

// tag refuses the tags that pgrun does not know, wherever they stand, and the
// one that marks resolved secrets: only Resolve may make one of a text. What
// was refused becomes null, so that nobody takes it for a value.
func (w *walk) tag(n *yaml.Node) {
	if isPlainTag(n) || isSource(n) || w.source.sent && n.ShortTag() == tagSecret {
		return
	}
	pos := Pos{File: w.source.name, Line: n.Line, Column: n.Column, source: w.source, secret: SoundsSecret(n.Tag)}
	w.problems.Add(pos, "", unknownTag)
	w.problems.lose(pos, "")
	n.Kind, n.Tag, n.Value, n.Content, n.Style = yaml.ScalarNode, "!!null", "", nil, 0
}

// keyTag refuses any tag of a key.
func (w *walk) keyTag(key *yaml.Node) {
	if key.Kind == yaml.ScalarNode && !isPlainTag(key) {
		w.problem(key, "a key takes no tag: quote a key that begins with !")
		key.Tag = "!!str"
	}
}

// isTemplate says whether a text is one of Ansible's templates. What !unsafe
// says is as it stands.
func (d *decoder) isTemplate(n *yaml.Node) bool {
	return !d.sent && n.Kind == yaml.ScalarNode && n.ShortTag() == "!!str" &&
		strings.Contains(n.Value, "{{") && strings.Contains(n.Value, "}}")
}

// notTemplate is what users of Ansible have to hear.
const notTemplate = `the inventory is not a template: write the value itself, or !unsafe "..." if it has braces`
