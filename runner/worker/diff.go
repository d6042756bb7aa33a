package worker

import (
	"strings"

	udiff "github.com/aymanbagabas/go-udiff"

	"github.com/pgrun/pgrun/modules"
)

// maxDiff is the most of a diff that leaves the host, in bytes.
const maxDiff = 64 << 10

// diff masks both sides and compares them; "" where a change has no texts.
func (s *session) diff(c *modules.Change) string {
	if c.Before == nil && c.After == nil {
		return ""
	}
	after := s.masked(string(c.After))
	before := hideAlike(s.masked(string(c.Before)), string(c.After), after)
	if strings.ContainsRune(before+after, 0) {
		return "(binary)\n"
	}
	text := udiff.Unified("before", "after", before, after)
	if len(text) > maxDiff {
		text = strings.ToValidUTF8(text[:maxDiff], "") + "\n... (cut)\n"
	}
	return text
}

// hideAlike hides the old value of a line whose new value is a secret: the
// masker does not know the password of yesterday.
func hideAlike(before, after, masked string) string {
	starts, same := map[string]bool{}, map[string]bool{}
	clear, covered := strings.Split(after, "\n"), strings.Split(masked, "\n")
	for i := range min(len(clear), len(covered)) {
		start, _, hidden := strings.Cut(covered[i], "***")
		if hidden && clear[i] != covered[i] && strings.TrimSpace(start) != "" {
			starts[start], same[covered[i]] = true, true
		}
	}
	lines := strings.Split(before, "\n")
	for i, line := range lines {
		if same[line] {
			continue
		}
		for start := range starts {
			if strings.HasPrefix(line, start) {
				lines[i] = start + "*** (another value)"
			}
		}
	}
	return strings.Join(lines, "\n")
}
