package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pgrun/pgrun/runner"
)

// title is "role: step", "role action: step".
func title(e runner.Event) string {
	name := e.Role
	if e.Action != "" {
		name += " " + e.Action
	}
	switch {
	case name == "":
		return e.Step
	case e.Step == "":
		return name
	}
	return name + ": " + e.Step
}

func because(why string) string {
	if why == "" {
		return ""
	}
	return " (" + why + ")"
}

// took is a step's time, when it is worth a look.
func took(e runner.Event) string {
	if e.MS < 1000 {
		return ""
	}
	return seconds(time.Duration(e.MS) * time.Millisecond)
}

func seconds(d time.Duration) string {
	switch {
	case d < 10*time.Second:
		return fmt.Sprintf("%.1f s", d.Seconds())
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	}
	return fmt.Sprintf("%d min %02d s", int(d.Minutes()), int(d.Seconds())%60)
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// lastLines returns at most n lines from the end.
func lastLines(text string, n int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-n):], "\n")
}

func sortedKeys(hosts map[string]runner.Counts) []string {
	names := make([]string, 0, len(hosts))
	for name := range hosts {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
