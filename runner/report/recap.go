package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/pgrun/pgrun/runner"
)

// foldAbove is the number of hosts from which those that had nothing to tell
// share a line of the recap.
const foldAbove = 12

// numbers is the width of what stands beside the names.
const numbers = 2 + len("  would change  unchanged  skipped  failed")

// recap is the table of hosts, the worst first, and a closing line.
func (v *view) recap(e runner.Event) string {
	check := e.Check != nil && *e.Check
	names := sortedKeys(e.Hosts)
	slices.SortStableFunc(names, func(a, b string) int {
		return cmp.Compare(gravity(e.Hosts[b]), gravity(e.Hosts[a]))
	})
	folded := runner.Counts{}
	foldedHosts, column := 0, len("host")
	shown := names[:0:0]
	for _, name := range names {
		if c := e.Hosts[name]; len(names) > foldAbove && gravity(c) == 0 {
			foldedHosts++
			folded.Unchanged += c.Unchanged
			folded.Skipped += c.Skipped
			continue
		}
		shown = append(shown, name)
		column = max(column, width(line(name)))
	}
	column = min(column, 34, max(len("host"), v.room(numbers)))
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s\n", v.paint(bold, "RECAP"))
	changed := "changed"
	if check {
		changed = "would change"
	}
	if len(names) > 0 {
		fmt.Fprintf(&b, "  %s  %*s  unchanged  skipped  failed\n", pad("host", column), len("would change"), changed)
	}
	for _, name := range shown {
		b.WriteString(v.recapRow(pad(line(name), column), e.Hosts[name]))
	}
	if foldedHosts > 0 {
		b.WriteString(v.recapRow(pad("+ "+count(foldedHosts, "host"), column), folded))
	}
	b.WriteString("\n" + v.closing(e, check) + "\n")
	return b.String()
}

func (v *view) recapRow(name string, c runner.Counts) string {
	if c.Unreachable {
		return "  " + v.paint(bright, name) + "  " + v.paint(bright, " unreachable") + "\n"
	}
	paint := green
	switch {
	case c.Failed > 0:
		paint = red
	case c.Changed > 0:
		paint = yellow
	}
	return fmt.Sprintf("  %s  %12d  %9d  %7d  %6d\n", v.paint(paint, name), c.Changed, c.Unchanged, c.Skipped, c.Failed)
}

// closing says in one line how it ended.
func (v *view) closing(e runner.Event, check bool) string {
	changed, bad := 0, 0
	for _, c := range e.Hosts {
		changed += c.Changed
		if c.Failed > 0 || c.Unreachable {
			bad++
		}
	}
	end := " in " + seconds(v.Now().Sub(v.began))
	notOK := e.OK != nil && !*e.OK
	switch {
	case bad > 0:
		return v.paint(red, fmt.Sprintf("failed on %s", count(bad, "host"))) + end + because(e.Why)
	case notOK:
		return v.paint(red, "stopped") + end + because(e.Why)
	case check && changed > 0:
		return v.paint(yellow, count(changed, "step")+" would change; nothing was changed") + end
	case check:
		return v.paint(green, "nothing would change") + end
	case changed > 0:
		return v.paint(green, "done") + fmt.Sprintf(": %s changed", count(changed, "step")) + end
	}
	return v.paint(green, "done: nothing to change") + end
}

// gravity orders hosts for the recap.
func gravity(c runner.Counts) int {
	switch {
	case c.Unreachable:
		return 3
	case c.Failed > 0:
		return 2
	case c.Changed > 0:
		return 1
	}
	return 0
}
