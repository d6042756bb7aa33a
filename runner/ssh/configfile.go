package ssh

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// configFiles reads ssh_config files. It is not kevinburke/ssh_config because
// that one fails on a Match block with criteria of a program, also in an
// included file, where nobody can cut it out beforehand.
type configFiles struct {
	machine machine
	warn    func(format string, args ...any)
}

const (
	maxIncludes   = 16
	maxConfigSize = 1 << 20
)

// apply sets what a file says about an alias. A file that is not there says
// nothing.
func (c configFiles) apply(s *settings, path, alias string) error {
	active := true
	return c.walk(s, path, alias, &active, 0)
}

func (c configFiles) walk(s *settings, path, alias string, active *bool, depth int) error {
	text, err := readLimited(path, maxConfigSize)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("ssh config: %w", err)
	}
	outer := *active // an Include below a Host block counts only for that host
	for number, text := range strings.Split(string(text), "\n") {
		line := configLine{path: path, where: fmt.Sprintf("%s:%d", path, number+1)}
		if line.key, line.values, err = parseLine(text); err == nil {
			err = c.line(s, line, alias, outer, active, depth)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", line.where, err)
		}
	}
	return nil
}

// configLine is a line of a file.
type configLine struct {
	path, where string
	key         string
	values      []string
}

func (c configFiles) line(s *settings, l configLine, alias string, outer bool, active *bool, depth int) error {
	switch {
	case l.key == "":
		return nil
	case strings.EqualFold(l.key, "Host"):
		*active = outer && matchHost(l.values, alias)
		return nil
	case strings.EqualFold(l.key, "Match"):
		*active = outer && c.match(l.where, l.values, alias)
		return nil
	case strings.EqualFold(l.key, "Include"):
		return c.include(s, l.path, l.values, alias, *active, depth)
	}
	return c.keyword(s, l.where, l.key, l.values, *active)
}

// keyword takes a line over when it counts. What pgrun does not know is
// OpenSSH's business, and so is accept-new, which pgrun does not follow; a way
// to the host that pgrun cannot go is an error.
func (c configFiles) keyword(s *settings, where, key string, values []string, active bool) error {
	if !active {
		return nil
	}
	err := s.set(key, values)
	switch {
	case err == nil || errors.Is(err, errOption) || errors.Is(err, errAcceptNew):
		return nil
	case strings.EqualFold(key, "StrictHostKeyChecking"), strings.EqualFold(key, "UserKnownHostsFile"),
		strings.EqualFold(key, "ForwardAgent"):
		c.warn("%s: passed over: %v", where, err)
		return nil
	}
	return err
}

func (c configFiles) include(s *settings, from string, patterns []string, alias string, active bool, depth int) error {
	if depth >= maxIncludes {
		return fmt.Errorf("more than %d files include each other", maxIncludes)
	}
	base := filepath.Join(c.machine.home, ".ssh")
	if filepath.Dir(from) == filepath.Dir(c.machine.systemConfig) {
		base = filepath.Dir(from)
	}
	for _, pattern := range patterns {
		if rest, ok := strings.CutPrefix(pattern, "~/"); ok {
			pattern = filepath.Join(c.machine.home, rest)
		}
		if !filepath.IsAbs(pattern) {
			pattern = filepath.Join(base, pattern)
		}
		files, err := filepath.Glob(pattern)
		if err != nil {
			return fmt.Errorf("include %q: %w", pattern, err)
		}
		for _, file := range files {
			inner := active
			if err := c.walk(s, file, alias, &inner, depth+1); err != nil {
				return err
			}
		}
	}
	return nil
}

// match decides a Match block by its host alone. Other criteria need more than
// pgrun knows or may do (exec): the block is passed over, and the operator told.
func (c configFiles) match(where string, criteria []string, alias string) bool {
	if len(criteria) == 1 && strings.EqualFold(criteria[0], "all") {
		return true
	}
	if len(criteria) == 2 && (strings.EqualFold(criteria[0], "host") || strings.EqualFold(criteria[0], "originalhost")) {
		return matchHost(strings.Split(criteria[1], ","), alias)
	}
	c.warn("%s: passed over: pgrun understands only \"Match all\" and \"Match host\"", where)
	return false
}

// matchHost is OpenSSH's list of patterns: one must match, no negated one may.
func matchHost(patterns []string, alias string) bool {
	found := false
	for _, p := range patterns {
		negated := strings.HasPrefix(p, "!")
		if wildcard(strings.ToLower(strings.TrimPrefix(p, "!")), strings.ToLower(alias)) {
			if negated {
				return false
			}
			found = true
		}
	}
	return found
}

// wildcard matches * and ?, in linear time: it goes back to the last * only.
func wildcard(pattern, text string) bool {
	p, t, star, mark := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p++
			t++
		case star >= 0:
			mark++
			p, t = star+1, mark
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p] == '*' {
		p++
	}
	return p == len(pattern)
}

func readLimited(path string, size int64) ([]byte, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	if info.Size() > size {
		return nil, fmt.Errorf("%s is larger than %d bytes", path, size)
	}
	return os.ReadFile(path)
}
