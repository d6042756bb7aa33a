package config

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

var (
	soundsSecret = regexp.MustCompile(`(?i)passw|passphrase|pass$|pass[_-]|pasw|psw|pwd|secret|token|credential|(?:private|api|access)[_-]?key`)
	harmless     = regexp.MustCompile(`(?i)[_-](?:file|path|encryption)$|bypass$`)

	keyBefore = regexp.MustCompile(`([\w.-]+)["']?\s*[:=]\s*`)
	keyAlone  = regexp.MustCompile(`^\s*(?:- +)*([\w.-]+) +(?:[^\s:#]|#\S)`)
	keyQuoted = regexp.MustCompile(`([\w.-]+) +["']`)
	keyFirst  = regexp.MustCompile(`^\s*(?:- +)*["']?[\w.-]+["']?\s*:(?:\s|$)`)
	origin    = regexp.MustCompile(`^!(?:env|file|command|vault)\b`)
	quoted    = regexp.MustCompile(`^(?:"(?:\\.|[^"\\])*"|'(?:''|[^'])*')(?:\s*(?:[,}\]]|$)|\s+#)`)
)

// SoundsSecret says whether the values of a key are to be hidden for its name.
func SoundsSecret(name string) bool {
	return soundsSecret.MatchString(name) && !harmless.MatchString(name)
}

// conceal hides what is secret in a line, or may be, and returns where a
// column of it is then. from are columns at which secrets begin.
func conceal(line string, column int, from []int) (string, int) {
	caret, end := offset(line, column), 0
	var shown strings.Builder
	for _, at := range secretsAt(line, from) {
		if at < end {
			continue
		}
		shown.WriteString(line[end:at])
		end = at + secretEnd(line[at:])
		switch {
		case caret >= end: // moves with what is left out before it
			column -= utf8.RuneCountInString(line[at:end]) - len(hidden)
		case caret > at:
			column = utf8.RuneCountInString(shown.String()) + 1
		}
		shown.WriteString(hidden)
	}
	return shown.String() + line[end:], column
}

// secretsAt returns the bytes at which secrets begin, in order: the columns,
// and the values of keys that sound secret.
func secretsAt(line string, columns []int) []int {
	var begins []int
	for _, c := range columns {
		begins = append(begins, offset(line, c))
	}
	for _, at := range keyBefore.FindAllStringSubmatchIndex(line, -1) {
		if at[1] < len(line) && SoundsSecret(line[at[2]:at[3]]) && !origin.MatchString(line[at[1]:]) {
			begins = append(begins, at[1])
		}
	}
	// A key whose colon is missing.
	for _, alone := range []*regexp.Regexp{keyAlone, keyQuoted} {
		if at := alone.FindStringSubmatchIndex(line); at != nil && SoundsSecret(line[at[2]:at[3]]) {
			begins = append(begins, at[3]+1)
		}
	}
	slices.Sort(begins)
	return begins
}

// offset returns the byte at a column, which counts characters from 1.
func offset(line string, column int) int {
	for at := range line {
		if column--; column < 1 {
			return at
		}
	}
	return len(line)
}

// secretEnd returns where the value ends with which a text begins. Only quotes
// that close before the next value say so: a password may have anything in it.
func secretEnd(text string) int {
	if !quoted.MatchString(text) {
		return len(text)
	}
	return strings.LastIndexByte(quoted.FindString(text), text[0]) + 1
}

// continues says whether a line goes on with the value of a key that sounds
// secret: a text of several lines, or one that is indented wrongly.
func (s *source) continues(number int) bool {
	const most = 100
	line, _ := s.line(number)
	own := keyFirst.MatchString(line)
	for n := number - 1; n > max(0, number-most); n-- {
		above, _ := s.line(n)
		keys := keyBefore.FindAllStringSubmatchIndex(above, -1)
		if len(keys) == 0 || own && indent(above) >= indent(line) {
			continue
		}
		last := keys[len(keys)-1]
		return SoundsSecret(above[last[2]:last[3]]) && !origin.MatchString(above[last[1]:])
	}
	return false
}

func indent(line string) int { return len(line) - len(strings.TrimLeft(line, " \t")) }
