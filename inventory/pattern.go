package inventory

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
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
		switch term[0] {
		case '!':
			for _, h := range hosts {
				delete(chosen, h)
			}
		case '&':
			for h := range chosen {
				if !slices.Contains(hosts, h) {
					delete(chosen, h)
				}
			}
		default:
			for _, h := range hosts {
				chosen[h] = true
			}
		}
	}
	var hosts []*Host
	for _, h := range i.Hosts {
		if chosen[h] {
			hosts = append(hosts, h)
		}
	}
	return hosts, nil
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
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("limit %q: %w", pattern, err)
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

var subscript = regexp.MustCompile(`^(.+)\[(?:(-?\d+)|(\d+)[:-](\d*))\]$`)

// term returns the hosts of one term.
func (i *Inventory) term(term string) ([]*Host, error) {
	if h, ok := i.hosts[term]; ok {
		return []*Host{h}, nil
	}
	if strings.HasPrefix(term, "~") {
		return i.named(term)
	}
	parts := subscript.FindStringSubmatch(term)
	if parts == nil {
		return i.named(term)
	}
	hosts, err := i.named(parts[1])
	if err != nil || len(hosts) == 0 {
		return nil, err
	}
	from, to, err := bounds(parts, len(hosts))
	if err != nil || from < 0 || from >= len(hosts) {
		return nil, fmt.Errorf("%q: %s has %d hosts, counted from 0", term, parts[1], len(hosts))
	}
	return hosts[from : min(to, len(hosts)-1)+1], nil
}

// bounds reads [2], [-1], [0:2] and [1:], whose last host counts too.
func bounds(parts []string, size int) (from, to int, err error) {
	if parts[2] != "" {
		from, err = strconv.Atoi(parts[2])
		if from < 0 {
			from += size
		}
		return from, from, err
	}
	if from, err = strconv.Atoi(parts[3]); err != nil {
		return 0, 0, err
	}
	to = size - 1
	if parts[4] != "" {
		to, err = strconv.Atoi(parts[4])
	}
	if to < from {
		err = strconv.ErrRange
	}
	return from, to, err
}

// named returns the hosts of the groups that a name, glob or regex means, and
// where it can mean several, of the hosts.
func (i *Inventory) named(expression string) ([]*Host, error) {
	matches, err := matcher(expression)
	if err != nil {
		return nil, err
	}
	var hosts []*Host
	seen := map[*Host]bool{}
	take := func(h *Host) {
		if !seen[h] {
			seen[h] = true
			hosts = append(hosts, h)
		}
	}
	group := false
	for _, g := range i.groups {
		if matches(g.name) {
			group = true
			for _, h := range i.of(g) {
				take(h)
			}
		}
	}
	if !group || strings.ContainsAny(expression, "~.?*[") {
		for _, h := range i.Hosts {
			if matches(h.Name) {
				take(h)
			}
		}
	}
	if !group && len(hosts) == 0 && !slices.Contains(Conventional(), expression) {
		return nil, fmt.Errorf("no host or group is called %q%s", expression, didYouMean(expression, i.names()))
	}
	return hosts, nil
}

// of returns the hosts of a group and of those below it, nearest first: the
// order that group[0] counts in.
func (i *Inventory) of(g *group) []*Host {
	var hosts []*Host
	members, seen := map[*Host]bool{}, map[*group]bool{g: true}
	for queue := []*group{g}; len(queue) > 0; queue = queue[1:] {
		for _, h := range queue[0].hosts {
			if !members[h] {
				members[h] = true
				hosts = append(hosts, h)
			}
		}
		for _, child := range queue[0].children {
			if !seen[child] {
				seen[child] = true
				queue = append(queue, child)
			}
		}
	}
	return hosts
}

func (i *Inventory) names() []string {
	names := Conventional()
	for _, g := range i.groups {
		names = append(names, g.name)
	}
	for _, h := range i.Hosts {
		names = append(names, h.Name)
	}
	return names
}

// matcher compiles a name, a glob, or a regex, which like Ansible's is tied to
// the beginning only.
func matcher(expression string) (func(string) bool, error) {
	if regex, ok := strings.CutPrefix(expression, "~"); ok {
		compiled, err := regexp.Compile("^(?:" + regex + ")")
		if err != nil {
			return nil, fmt.Errorf("%q: %w", expression, err)
		}
		return compiled.MatchString, nil
	}
	compiled, err := regexp.Compile(globRegex(expression))
	if err != nil {
		return nil, fmt.Errorf("%q is no glob: %w", expression, err)
	}
	return compiled.MatchString, nil
}

var class = regexp.MustCompile(`^\[(!?)(\]?[^\]]*)\]`)

// globRegex writes a glob as a regex: *, ?, [abc], [a-c], [!abc].
func globRegex(glob string) string {
	text := `(?s)\A`
	for glob != "" {
		if parts := class.FindStringSubmatch(glob); parts != nil && parts[2] != "" {
			inside := strings.NewReplacer(`\`, `\\`, `[`, `\[`, `]`, `\]`, `^`, `\^`).Replace(parts[2])
			text += "[" + strings.Replace(parts[1], "!", "^", 1) + inside + "]"
			glob = glob[len(parts[0]):]
			continue
		}
		switch glob[0] {
		case '*':
			text += ".*"
		case '?':
			text += "."
		default:
			text += regexp.QuoteMeta(glob[:1])
		}
		glob = glob[1:]
	}
	return text + `\z`
}
