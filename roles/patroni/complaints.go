package patroni

import (
	"context"
	"slices"
	"strings"

	"github.com/pgrun/pgrun/modules"
)

// complaints are what the server and Patroni say themselves of the settings
// that do not run: a value that PostgreSQL cannot take, one that Patroni left
// out.
func (x observed) complaints(ctx context.Context, reader modules.Reader) []string {
	var said []string
	for _, e := range x.Entries {
		if e.Error != "" && e.Error != "setting could not be applied" {
			said = append(said, "PostgreSQL says of "+e.Name+": "+e.Error)
		}
	}
	result, err := reader.Query(ctx, modules.Command{Argv: []string{"journalctl", "-u", unitName, "--since", "-5min", "-n", "300", "-o", "cat", "--no-pager"}})
	if err != nil {
		return said
	}
	signs := []string{"Removing", "failed validation", "invalid value", "is too low", "is too big", "Exception", "ERROR:", "FATAL:"}
	var lines []string
	for line := range strings.Lines(string(result.Stdout)) {
		line = strings.TrimSpace(line)
		if slices.ContainsFunc(signs, func(word string) bool { return strings.Contains(line, word) }) && !slices.Contains(lines, line) {
			lines = append(lines, line)
		}
	}
	for _, line := range lines[max(0, len(lines)-3):] {
		said = append(said, "the journal has: "+line)
	}
	return said
}
