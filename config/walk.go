package config

import (
	"strings"

	"gopkg.in/yaml.v3"
)

// walk goes over a freshly parsed document.
type walk struct {
	files    *Files
	source   *source
	problems *Problems
	failed   bool
	extent   map[*yaml.Node]extent // with the aliases unfolded
	open     map[*yaml.Node]bool   // being measured: an alias to it is a cycle
	total    int
	folded   bool // has aliases or merge keys
	unfolded map[*yaml.Node]bool
}

// fatal reports what makes the document unusable.
func (w *walk) fatal(n *yaml.Node, format string, args ...any) {
	w.failed = true
	w.problem(n, format, args...)
}

func (w *walk) problem(n *yaml.Node, format string, args ...any) {
	w.problems.Add(Pos{File: w.source.name, Line: n.Line, Column: n.Column, source: w.source}, "", format, args...)
}

// register remembers the file of each node, and reports duplicate and complex
// keys.
func (w *walk) register(n *yaml.Node, depth int) {
	if depth > maxDepth {
		if !w.failed {
			w.fatal(n, "is nested more than %d levels deep", maxDepth)
		}
		return
	}
	w.total++
	w.folded = w.folded || n.Kind == yaml.AliasNode
	w.remember(n)
	if n.Kind != yaml.AliasNode {
		w.tag(n)
	}
	if n.Kind == yaml.MappingNode {
		w.keys(n)
	}
	for _, child := range n.Content {
		w.register(child, depth+1)
	}
}

func (w *walk) remember(n *yaml.Node) {
	w.files.mu.Lock()
	defer w.files.mu.Unlock()
	if w.files.nodes == nil {
		w.files.nodes = map[*yaml.Node]*source{}
	}
	w.files.nodes[n] = w.source
}

func (w *walk) keys(n *yaml.Node) {
	seen := make(map[string]*yaml.Node, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		w.keyTag(key)
		if key.Kind == yaml.AliasNode && key.Alias != nil && key.Alias.Kind == yaml.ScalarNode {
			key = key.Alias
		}
		switch {
		case key.Kind == yaml.MappingNode:
			w.fatal(key, "%s", w.mappingAsKey(key))
			continue
		case key.Kind != yaml.ScalarNode:
			w.fatal(key, "a key must be one word, not %s", describe(key))
			continue
		}
		if before, ok := seen[key.Value]; ok {
			w.problem(n.Content[i], "the key %q is given twice: first in line %d", clip(key.Value), before.Line)
			continue
		}
		seen[key.Value] = n.Content[i]
		w.folded = w.folded || key.ShortTag() == "!!merge"
	}
}

// mappingAsKey says what a mapping in place of a key was meant to be.
func (w *walk) mappingAsKey(key *yaml.Node) string {
	line, _ := w.source.line(key.Line)
	if at := offset(line, key.Column); at > 0 && strings.HasPrefix(line[at-1:], "{{") {
		return template
	}
	return "a mapping cannot be a key: write quotes around a key that begins with {"
}

// extent is how much a node holds: nodes, and levels.
type extent struct{ nodes, levels int }

// bomb reports aliases that contain themselves, or unfold to too much.
func (w *walk) bomb(root *yaml.Node) bool {
	unfolded := w.measure(root)
	switch {
	case w.failed:
	case unfolded.nodes > w.total+maxAliased:
		w.fatal(root, "its aliases unfold to more than %d values", maxAliased)
	case unfolded.levels > maxDepth:
		w.fatal(root, "its aliases unfold to more than %d levels", maxDepth)
	}
	return w.failed
}

// measure returns what a node unfolds to; each node is measured once.
func (w *walk) measure(n *yaml.Node) extent {
	if e, ok := w.extent[n]; ok {
		return e
	}
	if w.open[n] {
		w.fatal(n, "contains itself through an alias")
		return extent{}
	}
	w.open[n] = true
	e := extent{nodes: 1, levels: 1}
	if n.Kind == yaml.AliasNode && n.Alias != nil {
		e = w.measure(n.Alias)
	}
	for _, child := range n.Content {
		below := w.measure(child)
		// Saturates: doubling a hundred times must not overflow.
		e.nodes = min(e.nodes+below.nodes, 1<<40)
		e.levels = max(e.levels, below.levels+1)
	}
	w.open[n] = false
	w.extent[n] = e
	return e
}
