package config

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Problem is something wrong with the input, at its place.
type Problem struct {
	Pos     Pos
	Path    string // "patroni.ttl"
	Message string // what is wrong and what to write instead
	Warning bool

	decoding bool // the value could not be decoded
	missing  bool // something is not there, which another problem may explain
}

// String returns one line: file:line:col: path: message.
func (p Problem) String() string {
	parts := []string{p.Message}
	if p.Path != "" {
		parts = slices.Insert(parts, 0, p.Path)
	}
	if pos := printable(p.Pos.String()); pos != "" {
		parts = slices.Insert(parts, 0, pos)
	}
	return strings.Join(parts, ": ")
}

// Problems collects what is wrong, so that all of it is told at once. Its zero
// value is ready; it may be used concurrently.
type Problems struct {
	mu   sync.Mutex
	list []Problem
	seen map[key]bool
	lost map[place]string // paths of values that could not be decoded

	explained []string // paths of which other problems say why nothing is there
}

type place struct {
	file         string
	line, column int
}

type key struct {
	file          string
	line, column  int
	path, message string
	warning       bool
}

// Add adds a problem at a place; Pos{} is nowhere (a flag), Pos{File: ...} a
// file as a whole.
func (p *Problems) Add(pos Pos, path, format string, args ...any) {
	p.add(Problem{Pos: pos, Path: path, Message: fmt.Sprintf(format, args...)})
}

// Warn adds a warning at a place.
func (p *Problems) Warn(pos Pos, path, format string, args ...any) {
	p.add(Problem{Pos: pos, Path: path, Message: fmt.Sprintf(format, args...), Warning: true})
}

// add keeps the first of equal problems: a section that many hosts share is
// decoded for each of them.
func (p *Problems) add(problem Problem) {
	p.mu.Lock()
	defer p.mu.Unlock()
	problem.Message = printable(problem.Message)
	problem.Path = printable(problem.Path)
	k := key{problem.Pos.File, problem.Pos.Line, problem.Pos.Column, problem.Path, problem.Message, problem.Warning}
	at := place{k.file, k.line, k.column}
	if p.seen[k] || !problem.decoding && p.follows(at, problem.Path) {
		return
	}
	if p.seen == nil {
		p.seen = map[key]bool{}
	}
	if p.lost == nil {
		p.lost = map[place]string{}
	}
	p.seen[k] = true
	if problem.decoding {
		p.lost[at] = problem.Path
	}
	p.list = append(p.list, problem)
}

// lose remembers a place whose value is not known, since it was refused. What
// is said of it later only follows from that.
func (p *Problems) lose(pos Pos, path string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.lost == nil {
		p.lost = map[place]string{}
	}
	p.lost[place{pos.File, pos.Line, pos.Column}] = path
}

func (p *Problems) isLost(pos Pos) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	_, lost := p.lost[place{pos.File, pos.Line, pos.Column}]
	return lost
}

// follows says whether a problem is that a value which could not be decoded is
// not there.
func (p *Problems) follows(at place, path string) bool {
	lost, ok := p.lost[at]
	return ok && at.line > 0 && within(path, lost)
}

// Err returns an *Error with all problems; nil when there are only warnings.
func (p *Problems) Err() error {
	if list := p.sorted(false); len(list) > 0 {
		return &Error{Problems: list}
	}
	return nil
}

// Absorb adds the problems of an error that another collection made; an error
// of another kind becomes a problem without a place.
func (p *Problems) Absorb(err error) {
	var list *Error
	switch {
	case err == nil:
	case errors.As(err, &list):
		for _, problem := range list.Problems {
			p.add(problem)
		}
	default:
		p.Add(Pos{}, "", "%v", err)
	}
}

// Warnings returns the warnings, sorted.
func (p *Problems) Warnings() []Problem { return p.sorted(true) }

func (p *Problems) sorted(warnings bool) []Problem {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := p.causes(warnings)
	slices.SortStableFunc(list, func(a, b Problem) int {
		return cmp.Or(
			cmp.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Column, b.Pos.Column))
	})
	return list
}

// Printable takes out what could confuse a terminal.
func Printable(text string) string { return printable(text) }

func printable(text string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r < 0xa0 {
			return '?'
		}
		return r
	}, text)
}
