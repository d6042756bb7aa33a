package inventory

import (
	"fmt"
	"regexp"
	"strings"
)

// matcher compiles a name, a glob, or a regex, which like Ansible's is tied to
// the beginning only.
func matcher(expression string) (func(string) bool, error) {
	if regex, ok := strings.CutPrefix(expression, "~"); ok {
		compiled, err := regexp.Compile("^(?:" + regex + ")")
		if err != nil {
			return nil, fmt.Errorf("%q is no regular expression: %w", regex, err)
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
