package config

import (
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// Find returns the node at a key path ("databases[0].name"), or the nearest
// above that there is. Keys may hold dots: the longest that fits counts.
func Find(n *yaml.Node, path string) *yaml.Node {
	for n != nil && path != "" {
		next, rest := step(n, path)
		if next == nil {
			break
		}
		n, path = next, rest
	}
	return n
}

// Has says whether there is a node at a key path.
func Has(n *yaml.Node, path string) bool {
	for n != nil && path != "" {
		n, path = step(n, path)
	}
	return n != nil
}

func step(n *yaml.Node, path string) (next *yaml.Node, rest string) {
	switch n.Kind {
	case yaml.MappingNode:
		return stepKey(n, strings.TrimPrefix(path, "."))
	case yaml.SequenceNode:
		return stepIndex(n, path)
	}
	return nil, ""
}

func stepKey(n *yaml.Node, path string) (next *yaml.Node, rest string) {
	longest := -1
	for i := 0; i+1 < len(n.Content); i += 2 {
		name := n.Content[i].Value
		after, ok := strings.CutPrefix(path, name)
		if !ok || len(name) <= longest || after != "" && after[0] != '.' && after[0] != '[' {
			continue
		}
		longest, next, rest = len(name), n.Content[i+1], after
	}
	return next, rest
}

func stepIndex(n *yaml.Node, path string) (next *yaml.Node, rest string) {
	inside, ok := strings.CutPrefix(path, "[")
	if !ok {
		return nil, ""
	}
	index, rest, ok := strings.Cut(inside, "]")
	i, err := strconv.Atoi(index)
	if !ok || err != nil || i < 0 || i >= len(n.Content) {
		return nil, ""
	}
	return n.Content[i], rest
}
