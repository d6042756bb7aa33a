package config

import "gopkg.in/yaml.v3"

// Merge lays over on under: mappings at every depth; lists, scalars and null
// replace. Neither is changed: what they hold is shared, so each value keeps
// its place.
func Merge(under, over *yaml.Node) *yaml.Node {
	switch {
	case over == nil:
		return under
	case under == nil,
		under.Kind != yaml.MappingNode || over.Kind != yaml.MappingNode,
		len(under.Content) == 0:
		return over
	case len(over.Content) == 0:
		return under
	}
	merged := &yaml.Node{
		Kind: yaml.MappingNode, Tag: "!!map", Line: over.Line, Column: over.Column,
		Content: append(make([]*yaml.Node, 0, len(under.Content)+len(over.Content)), under.Content...),
	}
	places := make(map[string]int, len(under.Content)/2)
	for i := 0; i+1 < len(under.Content); i += 2 {
		places[under.Content[i].Value] = i
	}
	for i := 0; i+1 < len(over.Content); i += 2 {
		key, value := over.Content[i], over.Content[i+1]
		if at, ok := places[key.Value]; ok {
			merged.Content[at] = key
			merged.Content[at+1] = Merge(merged.Content[at+1], value)
			continue
		}
		merged.Content = append(merged.Content, key, value)
	}
	return merged
}

// Get returns a key and its value in a mapping; nil when there is none.
func Get(n *yaml.Node, name string) (key, value *yaml.Node) {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil, nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return n.Content[i], n.Content[i+1]
		}
	}
	return nil, nil
}
