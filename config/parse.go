package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"unicode/utf8"

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

// calledYAML says whether a file is meant to be YAML, and not only taken for it:
// a folder of inventories or variables may hold secrets in files of their own.
func (s *source) calledYAML() bool {
	return s.name == "-e" || slices.Contains([]string{".yml", ".yaml", ".json"}, filepath.Ext(s.name))
}

// clean reports bytes that no YAML text may hold.
func (s *source) clean(p *Problems) bool {
	text := s.text
	if at := bytes.IndexByte(text, 0); at >= 0 {
		p.Add(s.at(at), "", "a NUL byte: this is no text file")
		return false
	}
	if utf8.Valid(text) {
		return true
	}
	for at := 0; at < len(text); {
		r, size := utf8.DecodeRune(text[at:])
		if r == utf8.RuneError && size == 1 {
			p.Add(s.at(at), "", "the byte 0x%02x is not UTF-8: save the file as UTF-8", text[at])
			break
		}
		at += size
	}
	return false
}

// at returns the place of a byte.
func (s *source) at(offset int) Pos {
	offset = min(max(offset, 0), len(s.text))
	before := s.text[:offset]
	begin := bytes.LastIndexByte(before, '\n') + 1
	return Pos{
		File: s.name, Line: bytes.Count(before, []byte("\n")) + 1,
		Column: utf8.RuneCount(before[begin:]) + 1, source: s,
	}
}

// line returns the text of a line, counted from 1.
func (s *source) line(n int) (string, bool) {
	s.split.Do(func() { s.lines = bytes.Split(s.text, []byte("\n")) })
	if n < 1 || n > len(s.lines) {
		return "", false
	}
	return string(bytes.TrimRight(s.lines[n-1], "\r")), true
}

// errSecond is the error of a file with several documents.
type errSecond struct{ line, column int }

func (errSecond) Error() string {
	return "a second YAML document begins here: write one document a file"
}

// decodeOne decodes a text of one document; nil when there is none. yaml.v3
// is not trusted to never panic on what a user wrote.
func decodeOne(text []byte) (root *yaml.Node, err error) {
	defer func() {
		if r := recover(); r != nil {
			root, err = nil, fmt.Errorf("yaml: cannot be read: %v", r)
		}
	}()
	decoder := yaml.NewDecoder(bytes.NewReader(text))
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

// kindOf names a node's kind for a message.
func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	return "a text"
}

// describe names a node's kind, and the value of a scalar.
func describe(n *yaml.Node) string {
	if n.Kind != yaml.ScalarNode {
		return kindOf(n)
	}
	switch n.ShortTag() {
	case "!!null":
		return "nothing"
	case "!!int", "!!float":
		return "the number " + clip(n.Value)
	case "!!bool":
		return "the boolean " + clip(n.Value)
	}
	return fmt.Sprintf("the text %q", clip(n.Value))
}

// clip shortens a value for a message.
func clip(value string) string {
	const most = 40
	runes := []rune(value)
	if len(runes) <= most {
		return value
	}
	return string(runes[:most]) + "…"
}
