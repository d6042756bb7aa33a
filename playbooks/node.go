package playbooks

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// pair is a key of a mapping and its value.
type pair struct {
	name       string
	key, value *yaml.Node
}

// deref follows an alias to what it stands for.
func deref(n *yaml.Node) *yaml.Node {
	if n != nil && n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// content returns the node below a document.
func content(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.DocumentNode && len(n.Content) > 0 {
		n = n.Content[0]
	}
	return deref(n)
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

// pairs returns the keys of a mapping that are among the known ones; refused
// says why a key is not taken, "" for one that nobody knows.
func (l *loader) pairs(n *yaml.Node, path string, known []string, refused func(string) string) []pair {
	var pairs []pair
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := deref(n.Content[i])
		if key.Kind != yaml.ScalarNode {
			l.problem(key, path, "a key must be a word")
			continue
		}
		name := strings.TrimPrefix(key.Value, "ansible.builtin.")
		if !slices.Contains(known, name) {
			l.unknownKey(key, path, known, refused)
			continue
		}
		pairs = append(pairs, pair{name: name, key: key, value: deref(n.Content[i+1])})
	}
	return pairs
}

func (l *loader) unknownKey(key *yaml.Node, path string, known []string, refused func(string) string) {
	if why := refused(key.Value); why != "" {
		l.problem(key, join(path, key.Value), "%s", why)
		return
	}
	if near := nearest(key.Value, known); near != "" {
		l.problem(key, path, "unknown key %q (did you mean %q?)", key.Value, near)
		return
	}
	l.problem(key, path, "unknown key %q (known: %s)", key.Value, strings.Join(known, ", "))
}

// text returns a scalar's text, and whether there is one.
func (l *loader) text(n *yaml.Node, path, what string) (string, bool) {
	if n.Kind != yaml.ScalarNode || isNull(n) || strings.TrimSpace(n.Value) == "" {
		l.problem(n, path, "must be %s", what)
		return "", false
	}
	return n.Value, true
}

// texts returns a scalar or a list of scalars.
func (l *loader) texts(n *yaml.Node, path, what string) []string {
	if n.Kind != yaml.SequenceNode {
		if text, ok := l.text(n, path, what+", or a list of them"); ok {
			return []string{text}
		}
		return nil
	}
	var list []string
	for _, item := range n.Content {
		if text, ok := l.text(deref(item), path, "a list of such: "+what); ok {
			list = append(list, text)
		}
	}
	return list
}

func (l *loader) problem(n *yaml.Node, path, format string, args ...any) {
	l.problems.Add(l.files.Pos(n), path, format, args...)
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
