package config

import (
	"fmt"
	"slices"
	"strings"
)

// Missing adds that something is not there. It is told only where no other
// problem explains it.
func (p *Problems) Missing(pos Pos, path, format string, args ...any) {
	p.add(Problem{Pos: pos, Path: path, Message: fmt.Sprintf(format, args...), missing: true})
}

// Explain says that a problem, which was added, explains why something is
// missing at a path or below it: a key with a typo in its name, say. "" is all
// paths.
func (p *Problems) Explain(path string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !slices.Contains(p.explained, path) {
		p.explained = append(p.explained, path)
	}
}

// causes returns the problems, or the warnings, without what only follows from
// other problems. Something that is missing without any other problem is told.
func (p *Problems) causes(warnings bool) []Problem {
	var list, follow []Problem
	for _, problem := range p.list {
		switch {
		case problem.Warning != warnings:
		case problem.missing && slices.ContainsFunc(p.explained, func(path string) bool { return within(problem.Path, path) }):
			follow = append(follow, problem)
		default:
			list = append(list, problem)
		}
	}
	if len(list) == 0 {
		return follow
	}
	return list
}

// within says whether a path is at another one or below it.
func within(path, above string) bool {
	rest, ok := strings.CutPrefix(path, above)
	return ok && (above == "" || rest == "" || rest[0] == '.' || rest[0] == '[')
}
