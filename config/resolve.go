package config

import (
	"context"
	"fmt"

	"gopkg.in/yaml.v3"
)

// Resolve returns a copy of a node in which !env, !file and !command are
// replaced by scalars tagged !secret. Paths are relative to the file that they
// are written in. Each source is asked once in the life of f. The error is an
// *Error that lists all that failed; path is the key path of the node.
func (f *Files) Resolve(ctx context.Context, n *yaml.Node, path string) (*yaml.Node, error) {
	var problems Problems
	result := f.resolve(ctx, n, path, &problems)
	if err := problems.Err(); err != nil {
		return nil, err
	}
	return result, nil
}

// resolve copies only what has a source below it.
func (f *Files) resolve(ctx context.Context, n *yaml.Node, path string, p *Problems) *yaml.Node {
	if n == nil {
		return nil
	}
	if isSource(n) {
		value, err := f.ask(ctx, n)
		if err != nil {
			p.Add(f.Pos(n), path, "%v", err)
			return n
		}
		made := &yaml.Node{Kind: yaml.ScalarNode, Tag: tagSecret, Value: value, Style: yaml.DoubleQuotedStyle}
		f.Adopt(made, n)
		return made
	}
	result := n
	for i, child := range n.Content {
		var at string
		switch {
		case n.Kind == yaml.SequenceNode:
			at = fmt.Sprintf("%s[%d]", path, i)
		case i%2 == 0:
			continue
		default:
			at = join(path, n.Content[i-1].Value)
		}
		made := f.resolve(ctx, child, at, p)
		if made == child {
			continue
		}
		if result == n {
			copied := *n
			copied.Content = append([]*yaml.Node(nil), n.Content...)
			result = &copied
			f.Adopt(result, n)
		}
		result.Content[i] = made
	}
	return result
}
