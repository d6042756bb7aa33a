package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"gopkg.in/yaml.v3"
)

const (
	// maxDepth bounds nesting: no sensible inventory comes near.
	maxDepth = 100
	// maxAliased bounds what aliases add to a file: 100 kB of text can
	// otherwise unfold to any size.
	maxAliased = 100_000
)

// parse returns the document's node without aliases and merge keys, nil when
// the document is empty.
func (f *Files) parse(s *source, p *Problems) (*yaml.Node, bool) {
	if !s.clean(p) {
		return nil, false
	}
	if weigh(s.text) > maxNodes {
		p.Add(Pos{File: s.name}, "", "holds more than %d values: split it into several files", maxNodes)
		return nil, false
	}
	root, err := decodeOne(s.text)
	if err != nil {
		s.closed = !s.calledYAML()
		s.syntax(err, p)
		return nil, false
	}
	if root == nil || isNull(root) {
		return nil, true
	}
	s.closed = root.Kind == yaml.ScalarNode
	w := walk{files: f, source: s, problems: p, extent: map[*yaml.Node]extent{}, open: map[*yaml.Node]bool{}}
	w.register(root, 0)
	switch {
	case w.failed:
		return nil, false
	case !w.folded:
		return root, true
	case w.bomb(root):
		return nil, false
	}
	return w.unfold(root), true
}

// errSecond is the error of a file with several documents.
type errSecond struct{ line, column int }

func (errSecond) Error() string {
	return "a second YAML document begins here: write one document a file"
}

// decodeOne decodes a text of one document; nil when there is none. yaml.v3
// is not trusted to never panic on what a user wrote.
func decodeOne(text []byte) (root *yaml.Node, err error) { return decodeFrom(bytes.NewReader(text)) }

func decodeFrom(text io.Reader) (root *yaml.Node, err error) {
	defer func() {
		if r := recover(); r != nil {
			root, err = nil, fmt.Errorf("yaml: cannot be read: %v", r)
		}
	}()
	decoder := yaml.NewDecoder(text)
	var document, second yaml.Node
	if err := decoder.Decode(&document); err != nil {
		if errors.Is(err, io.EOF) {
			return nil, nil
		}
		return nil, err
	}
	switch err := decoder.Decode(&second); {
	case err == nil:
		return nil, errSecond{second.Line, second.Column}
	case !errors.Is(err, io.EOF):
		return nil, err
	}
	if document.Kind == yaml.DocumentNode {
		if len(document.Content) == 0 {
			return nil, nil
		}
		return document.Content[0], nil
	}
	return &document, nil
}

func isNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null"
}
