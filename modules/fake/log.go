package fake

import (
	"fmt"
	"strings"

	"github.com/pgrun/pgrun/modules"
)

// Log is everything that was changed since the beginning or ClearLog, in
// order, as text: one line for each change, and what was written below it,
// each line after "  | ".
func (h *Host) Log() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return strings.Join(h.log, "")
}

// ClearLog forgets what was changed so far.
func (h *Host) ClearLog() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.log = nil
}

func (h *Host) record(format string, args ...any) {
	h.log = append(h.log, fmt.Sprintf(format, args...)+"\n")
}

func (h *Host) recordBody(body []byte) {
	if len(body) == 0 {
		return
	}
	text, whole := strings.CutSuffix(string(body), "\n")
	for line := range strings.SplitSeq(text, "\n") {
		h.log = append(h.log, "  | "+line+"\n")
	}
	if !whole {
		h.log = append(h.log, "  (no newline at the end)\n")
	}
}

// words writes argv so that the words can be told apart.
func words(argv []string) string {
	quoted := make([]string, len(argv))
	for i, word := range argv {
		quoted[i] = word
		if word == "" || strings.ContainsAny(word, " \t\n'\"\\$`|&;<>()*?#~") {
			quoted[i] = fmt.Sprintf("%q", word)
		}
	}
	return strings.Join(quoted, " ")
}

func (h *Host) recordCommand(c modules.Command) {
	line := "exec " + words(c.Argv)
	if c.User != "" {
		line = "exec as " + c.User + " " + words(c.Argv)
	}
	h.record("%s", line)
	for _, variable := range c.Env {
		h.record("  env %s", variable)
	}
	h.recordBody(c.Stdin)
}
