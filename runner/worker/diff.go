package worker

import (
	"regexp"
	"strings"

	udiff "github.com/aymanbagabas/go-udiff"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner/wire"
)

// diff masks both sides and compares them; "" where a change has no texts.
func (s *session) diff(c *modules.Change) string {
	if c.Before == nil && c.After == nil {
		return ""
	}
	before, after := s.sides(withoutKeys(string(c.Before)), withoutKeys(string(c.After)))
	if strings.ContainsRune(before+after, 0) {
		return "(binary)\n"
	}
	return head(udiff.Unified("before", "after", before, after), wire.MaxDiff)
}

var privateKey = regexp.MustCompile(`(?s)(-----BEGIN [A-Z ]*PRIVATE KEY-----).*?(-----END [A-Z ]*PRIVATE KEY-----|$)`)

// withoutKeys hides private keys, whoever made them.
func withoutKeys(text string) string { return privateKey.ReplaceAllString(text, "$1 *** $2") }

// anotherValue stands for a secret of yesterday.
const anotherValue = "*** (another value)"

// sides masks both texts. The masker does not know the password of yesterday:
// an old line is hidden that begins like a new line which holds a secret, and
// where a whole new line is one, all old lines that are no longer there.
func (s *session) sides(before, after string) (string, string) {
	lines := strings.Split(s.masked(before), "\n")
	if masked := s.masked(after); !strings.Contains(masked, "***") {
		return strings.Join(lines, "\n"), masked
	}
	starts, kept := map[string]string{}, map[string]bool{}
	for line := range strings.SplitSeq(after, "\n") {
		covered := s.masked(line)
		kept[covered] = true
		if start, _, hidden := strings.Cut(covered, "***"); hidden && covered != line {
			starts[firstWord(start)] = start
		}
	}
	_, all := starts[""]
	for i, line := range lines {
		start, alike := starts[firstWord(line)]
		switch {
		case kept[line] || line == "":
		case alike && strings.HasPrefix(line, start):
			lines[i] = start + anotherValue
		case alike || all:
			lines[i] = anotherValue
		}
	}
	return strings.Join(lines, "\n"), s.masked(after)
}

// firstWord is the name at the beginning of a line of most files: a key, a
// variable, a user.
func firstWord(line string) string {
	line = strings.TrimLeft(line, " \t-\"'{[")
	if end := strings.IndexAny(line, " \t=:\"',"); end >= 0 {
		line = line[:end]
	}
	return line
}
