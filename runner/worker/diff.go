package worker

import (
	"regexp"
	"slices"
	"strings"

	udiff "github.com/aymanbagabas/go-udiff"

	"github.com/pgrun/pgrun/config"
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

// sides masks both texts. The masker does not know the secrets of yesterday. So
// of an old text that pgrun did not write nothing is shown, where the new one
// holds a secret; an old line is hidden that begins like a new line which holds
// one, and where a whole new line is one, all old lines that are no longer
// there; and so is what stands at a key that sounds secret, in any old text.
func (s *session) sides(before, after string) (string, string) {
	old, masked := s.masked(before), s.masked(after)
	kept, starts := s.secretLines(after)
	if masked != after {
		old = hideAlike(old, kept, starts, !ownText(before))
	}
	if old != "" {
		old = config.HideByKey(old, anotherValue, func(line string) bool { return kept[line] || strings.Contains(line, anotherValue) })
	}
	return old, masked
}

// ownText says whether pgrun wrote a text: it says so in the first line.
func ownText(text string) bool {
	first, _, _ := strings.Cut(text, "\n")
	return strings.HasPrefix(first, "#") && strings.Contains(first, "pgrun")
}

// secretLines returns the lines of a text as they are shown, and of those that
// hold a secret what stands around it, by their first word.
func (s *session) secretLines(text string) (kept map[string]bool, starts map[string]around) {
	kept, starts = map[string]bool{}, map[string]around{}
	for line := range strings.SplitSeq(text, "\n") {
		covered := s.masked(line)
		kept[covered] = true
		if start, rest, hidden := strings.Cut(covered, "***"); hidden && covered != line {
			found := around{start: start}
			if rest != "" && strings.ContainsRune(`"'`, rune(rest[0])) {
				found.closing = rest[:1]
			}
			starts[firstWord(start)] = found
		}
	}
	return kept, starts
}

// around is what stands before a secret in its line, and the quote that closes it.
type around struct{ start, closing string }

func hideAlike(text string, kept map[string]bool, starts map[string]around, all bool) string {
	_, whole := starts[""]
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if kept[line] || line == "" {
			continue
		}
		if shown, alike := hideLine(line, starts); alike {
			lines[i] = shown
		} else if all || whole {
			lines[i] = anotherValue
		}
	}
	return strings.Join(slices.CompactFunc(lines, func(a, b string) bool { return a == anotherValue && b == a }), "\n")
}

// hideLine keeps the key of a line that begins like one which holds a secret.
func hideLine(line string, starts map[string]around) (shown string, alike bool) {
	word := firstWord(line)
	secret, alike := starts[word]
	switch {
	case !alike || word == "":
		return "", false
	case strings.HasPrefix(line, secret.start):
		return secret.start + anotherValue + secret.closing, true
	}
	return line[:strings.Index(line, word)+len(word)] + " " + anotherValue, true
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
