package inventory

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pgrun/pgrun/config"
)

// Match returns the hosts of a pattern, in the inventory's order. A pattern is
// a list of terms, parted by : or comma: names of hosts and groups, all or *,
// globs, ~regex, group[0], group[0:2]. First all plain terms are taken, then
// the hosts that a &term has too, then those without a !term. A term that names
// nothing is an error, but for the groups that the roles know.
func (i *Inventory) Match(pattern string) ([]*Host, error) {
	list := terms(pattern)
	if len(list) == 0 {
		return nil, fmt.Errorf("pattern %q names no host", pattern)
	}
	chosen := map[*Host]bool{}
	for _, term := range ordered(list) {
		hosts, err := i.term(strings.TrimLeft(term, "!&"))
		if err != nil {
			return nil, fmt.Errorf("pattern %q: %w", pattern, err)
		}
		choose(chosen, term[0], hosts)
	}
	var hosts []*Host
	for _, h := range i.Hosts {
		if chosen[h] {
			hosts = append(hosts, h)
		}
	}
	return hosts, nil
}

// choose applies a term that begins with a character.
func choose(chosen map[*Host]bool, begin byte, hosts []*Host) {
	switch begin {
	case '!':
		for _, h := range hosts {
			delete(chosen, h)
		}
	case '&':
		maps.DeleteFunc(chosen, func(h *Host, _ bool) bool { return !slices.Contains(hosts, h) })
	default:
		for _, h := range hosts {
			chosen[h] = true
		}
	}
}

// Limit is Match for --limit, where @file stands for the lines of a file.
func (i *Inventory) Limit(pattern string) ([]*Host, error) {
	var all []string
	for _, term := range terms(pattern) {
		path, ok := strings.CutPrefix(term, "@")
		if !ok {
			all = append(all, term)
			continue
		}
		text, err := config.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("limit %q: %s: %w", pattern, path, err)
		}
		before := len(all)
		for line := range strings.Lines(string(text)) {
			if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
				all = append(all, terms(line)...)
			}
		}
		if len(all) == before {
			return nil, fmt.Errorf("limit %q: %s names no host", pattern, path)
		}
	}
	return i.Match(strings.Join(all, ","))
}

// terms parts a pattern at commas and colons that stand outside of brackets.
func terms(pattern string) []string {
	var list []string
	depth, from := 0, 0
	for at, r := range pattern + "," {
		switch {
		case r == '[':
			depth++
		case r == ']' && depth > 0:
			depth--
		case (r == ',' || r == ':') && (depth == 0 || at == len(pattern)):
			if term := strings.TrimSpace(pattern[from:at]); term != "" {
				list = append(list, term)
			}
			from = at + 1
		}
	}
	return list
}

// ordered puts plain terms first, then &, then !; without plain ones all hosts
// are taken first.
func ordered(list []string) []string {
	var plain, and, not []string
	for _, term := range list {
		switch term[0] {
		case '&':
			and = append(and, term)
		case '!':
			not = append(not, term)
		default:
			plain = append(plain, term)
		}
	}
	if len(plain) == 0 {
		plain = []string{"all"}
	}
	return slices.Concat(plain, and, not)
}
