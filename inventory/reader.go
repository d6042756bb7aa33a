package inventory

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/pgrun/pgrun/config"
	"gopkg.in/yaml.v3"
)

// reader reads the connection variables of a host.
type reader struct {
	inv      *Inventory
	host     *Host
	problems *config.Problems
}

func (r reader) problem(n *yaml.Node, name, format string, args ...any) {
	r.problems.Add(r.inv.Files.Pos(n), name, format, args...)
}

// node returns the scalar of a variable that has several names.
func (r reader) node(names ...string) (name string, n *yaml.Node) {
	for _, candidate := range names {
		_, value := config.Get(r.host.Vars, candidate)
		switch {
		case value == nil || empty(value):
		case n != nil && n.Value != value.Value:
			r.problem(value, candidate, "%s says otherwise: keep one of them", name)
		default:
			name, n = candidate, value
		}
	}
	switch {
	case n == nil:
		return name, nil
	case n.Kind != yaml.ScalarNode && n.ShortTag() != "!command":
		r.problem(n, name, "one value is expected, not a list or mapping")
		return name, nil
	case strings.Contains(n.Value, "{{") && n.ShortTag() == "!!str":
		r.problem(n, name, "the inventory is not a template: write the value itself")
		return name, nil
	}
	return name, n
}

// plain is node for a variable that is no secret.
func (r reader) plain(names ...string) (name string, n *yaml.Node) {
	name, n = r.node(names...)
	if n != nil && strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!") && n.Tag != "!unsafe" {
		r.problem(n, name, "%s is for secrets: write the value itself", n.Tag)
		return name, nil
	}
	return name, n
}

// What OpenSSH refuses in names of hosts and users: a ProxyCommand may pass
// them to a shell.
const (
	inNoAddress = "'`\"$\\;&<>|(){}"
	inNoUser    = "'`\";&<>|(){}"
)

// text returns a value without the characters that do not belong in it.
func (r reader) text(kind, without string, names ...string) string {
	name, n := r.plain(names...)
	if n == nil {
		return ""
	}
	switch {
	case strings.HasPrefix(n.Value, "-"):
		r.problem(n, name, "%q begins with a dash, which SSH takes for an option", n.Value)
	case strings.ContainsAny(n.Value, " \t\r\n"):
		r.problem(n, name, "%q has space in it", n.Value)
	default:
		bad := strings.IndexFunc(n.Value, func(c rune) bool { return !unicode.IsPrint(c) || strings.ContainsRune(without, c) })
		if bad < 0 {
			return n.Value
		}
		c, _ := utf8.DecodeRuneInString(n.Value[bad:])
		r.problem(n, name, "%q has the character %q in it, which no %s has", n.Value, c, kind)
	}
	return ""
}

func (r reader) number(most int, names ...string) int { return r.between(1, most, names...) }

// count is a number that may be 0.
func (r reader) count(most int, names ...string) int { return r.between(0, most, names...) }

func (r reader) between(least, most int, names ...string) int {
	name, n := r.plain(names...)
	if n == nil {
		return 0
	}
	number, err := strconv.Atoi(n.Value)
	if err != nil || number < least || number > most {
		r.problem(n, name, "a number from %d to %d is expected, not %q", least, most, n.Value)
		return 0
	}
	return number
}

// boolean takes what Ansible takes for one.
func (r reader) boolean(names ...string) *bool {
	name, n := r.plain(names...)
	if n == nil {
		return nil
	}
	value := strings.ToLower(n.Value)
	yes := slices.Contains([]string{"true", "yes", "on", "1", "y", "t"}, value)
	if !yes && !slices.Contains([]string{"false", "no", "off", "0", "n", "f"}, value) {
		r.problem(n, name, "true or false is expected, not %q", n.Value)
		return nil
	}
	return &yes
}

// path returns a path below the folder of the file that it is written in.
func (r reader) path(names ...string) string {
	_, n := r.plain(names...)
	if n == nil || n.Value == "" {
		return ""
	}
	path := n.Value
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, rest)
		}
	}
	if filepath.IsAbs(path) {
		return path
	}
	if file := r.inv.Files.Pos(n).File; file != "-e" {
		return filepath.Join(filepath.Dir(file), path)
	}
	return path
}

func (r reader) args(name string) []string {
	_, n := r.plain(name)
	if n == nil {
		return nil
	}
	words, err := split(n.Value)
	if err != nil {
		r.problem(n, name, "%v", err)
	}
	return words
}

func (r reader) secret(names ...string) config.Secret {
	name, n := r.node(names...)
	var secret config.Secret
	config.Decode(r.inv.Files, n, &secret, name, r.problems)
	return secret
}

// oneOf reads a variable that can say only few things; true for one of yes.
func (r reader) oneOf(why string, yes, no []string, names ...string) bool {
	name, n := r.plain(names...)
	switch {
	case n == nil || slices.Contains(no, n.Value):
		return false
	case slices.Contains(yes, n.Value):
		return true
	}
	r.problem(n, name, "%s: %q is not possible, only %s", why, n.Value, strings.Join(append(yes, no[0]), " or "))
	return false
}
