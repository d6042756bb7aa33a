package config

import (
	"regexp"
	"strings"
)

// keyAndValue is a name with what follows it, in the forms of most files:
// YAML, JSON, "name = value", "name value".
var keyAndValue = regexp.MustCompile(`([\w.-]+)["']?(?:\s*[:=]\s*|\s+)`)

// HideByKey hides the values of keys that sound secret in a text that somebody
// else has written, whose secrets nobody told of: the rest of the line, and the
// lines below that are indented deeper (a block, a mapping, a list). known are
// lines that are shown as they are. instead stands in place of what is hidden.
func HideByKey(text, instead string, known func(line string) bool) string {
	lines := strings.Split(text, "\n")
	below := -1 // lines that are indented deeper belong to a secret
	for i, line := range lines {
		if below >= 0 && (strings.TrimSpace(line) == "" || indent(line) > below) {
			if strings.TrimSpace(line) != "" {
				lines[i] = line[:indent(line)] + instead
			}
			continue
		}
		below = -1
		if at := secretValue(line); at >= 0 {
			below = indent(line)
			if !known(line) {
				lines[i] = line[:at] + instead
			}
		}
	}
	return strings.Join(lines, "\n")
}

// secretValue is where the first value begins whose key sounds secret; -1: none.
// A key without a value counts too: it may stand below.
func secretValue(line string) int {
	for _, at := range keyAndValue.FindAllStringSubmatchIndex(line+" ", -1) {
		if SoundsSecret(line[at[2]:at[3]]) {
			return min(at[1], len(line))
		}
	}
	return -1
}
