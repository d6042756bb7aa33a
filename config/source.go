package config

import (
	"bytes"
	"path/filepath"
	"slices"
	"sync"
	"unicode/utf8"
)

// source is a file that was read, or a text with a name.
type source struct {
	name  string
	text  []byte
	sent  bool   // Encode made it
	holds string // what to write when it is empty
	split sync.Once
	lines [][]byte // for excerpts

	closed  bool // no YAML, so perhaps a secret: nothing of it is shown
	mu      sync.Mutex
	secrets map[int][]int // columns at which secrets begin, by line
}

// conceal remembers that a secret stands in plain text at a place.
func (p Pos) conceal() {
	if p.source == nil {
		return
	}
	p.source.mu.Lock()
	defer p.source.mu.Unlock()
	if p.source.secrets == nil {
		p.source.secrets = map[int][]int{}
	}
	if !slices.Contains(p.source.secrets[p.Line], p.Column) {
		p.source.secrets[p.Line] = append(p.source.secrets[p.Line], p.Column)
	}
}

func (s *source) secretsOf(line int) []int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.secrets[line])
}

// calledYAML says whether a file is meant to be YAML, and not only taken for it:
// a folder of inventories or variables may hold secrets in files of their own.
func (s *source) calledYAML() bool {
	return s.name == "-e" || slices.Contains([]string{".yml", ".yaml", ".json"}, filepath.Ext(s.name))
}

// clean reports what no YAML text begins with or holds.
func (s *source) clean(p *Problems) bool {
	text := s.text
	if bytes.HasPrefix(text, []byte("$ANSIBLE_VAULT;")) {
		p.Add(Pos{File: s.name}, "", "is encrypted by ansible-vault, which this version does not read: write secrets as !env, !file or !command")
		return false
	}
	if at := bytes.IndexByte(text, 0); at >= 0 {
		s.closed = true
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
