package playbooks

import (
	"slices"
	"strings"
	"unicode"

	"github.com/pgrun/pgrun/config"
	"gopkg.in/yaml.v3"
)

// pair is a key of a mapping and its value.
type pair struct {
	name       string
	key, value *yaml.Node
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// pairs returns the keys of a mapping that are among the known ones; refused
// says why a key is not taken, "" for one that nobody knows.
func (l *loader) pairs(n *yaml.Node, path string, known []string, refused func(string) string) []pair {
	var pairs []pair
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind != yaml.ScalarNode {
			l.problem(key, path, "a key must be a word")
			continue
		}
		name := key.Value
		if isImport(key) {
			name = importPlaybook
		}
		switch {
		case !slices.Contains(known, name):
			l.unknownKey(key, path, known, refused)
			continue
		case has(pairs, name):
			if key.Value != name || isImport(key) { // else it has been told
				l.problem(key, name, "is given twice")
			}
			continue
		}
		pairs = append(pairs, pair{name: name, key: key, value: n.Content[i+1]})
	}
	return pairs
}

func (l *loader) unknownKey(key *yaml.Node, path string, known []string, refused func(string) string) {
	if why := refused(key.Value); why != "" {
		l.problem(key, join(path, key.Value), "%s", why)
		return
	}
	l.problem(key, path, "unknown key %q%s", key.Value, config.DidYouMean(key.Value, known))
}

// text returns a scalar's text, and whether there is one.
func (l *loader) text(n *yaml.Node, path, what string) (string, bool) {
	if n.Kind != yaml.ScalarNode || isNull(n) || strings.TrimSpace(n.Value) == "" {
		l.problem(n, path, "must be %s", what)
		return "", false
	}
	if tag := n.ShortTag(); !strings.HasPrefix(tag, "!!") && tag != "!unsafe" && tag != "!" {
		l.problem(n, path, "%s means nothing in a playbook: write the value itself", tag)
		return "", false
	}
	text := strings.TrimSpace(n.Value)
	if strings.Contains(text, "{{") && n.ShortTag() != "!unsafe" {
		l.problem(n, path, "a playbook is no template: write the value itself; -l narrows the hosts of a run")
		return "", false
	}
	for _, c := range text {
		if unicode.IsControl(c) {
			l.problem(n, path, "has the character %q in it", c)
			return "", false
		}
	}
	return text, true
}

// texts returns the scalars of a list, or the one that stands for a list.
func (l *loader) texts(n *yaml.Node, path, what string) []item {
	nodes, expected := n.Content, what
	if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
		nodes, expected = []*yaml.Node{n}, what+", or a list of them"
	}
	var list []item
	for _, node := range nodes {
		if text, ok := l.text(node, path, expected); ok {
			list = append(list, item{text: text, node: node})
		}
	}
	return list
}

// item is an element of a list of texts.
type item struct {
	text string
	node *yaml.Node
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
