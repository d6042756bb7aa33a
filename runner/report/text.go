package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/pgrun/pgrun/runner"
)

// Options of the views for people.
type Options struct {
	Verbose bool // every step, unchanged and skipped ones too
	Check   bool // nothing is made: what would change says so
	Diff    bool // what changes in files
	Color   bool
	// Now is the clock; nil is the real one.
	Now func() time.Time

	columns func() int // to wrap at; nil: lines are left as long as they are
}

// view turns events into the text that stays. It is not safe for use by
// several goroutines: Plain and Terminal lock.
type view struct {
	Options
	began  time.Time // the run
	head   string    // of the play, not shown yet
	since  time.Time // the play
	steps  map[runner.State]int
	hosts  map[string]bool // with a step in this play: whether one was unchanged or skipped
	indent int             // width of the column of hosts
	// reports are shown before the recap.
	reports []runner.Event
	// warnings too, each once.
	warnings []runner.Event
	known    map[string]bool // what warnings say
	plans    []runner.Event  // of a check
	dues     []runner.Event  // restarts that were left out
}

func newView(o Options) *view {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &view{Options: o, began: o.Now()}
}

// event returns the lines that an event leaves, each ended; mostly none.
func (v *view) event(e runner.Event) string {
	v.indent = max(v.indent, min(width(e.Host), 20))
	switch e.Event {
	case runner.EventPlay:
		return v.endPlay() + v.beginPlay(e)
	case runner.EventStart, runner.EventStep:
		return v.begun() + v.step(e)
	case runner.EventHost:
		return v.host(e)
	case runner.EventNote:
		return v.row("note", dim, e.Host, e.Why, "")
	case runner.EventWarning:
		if e.Role != "" { // of a host in the run: it would be lost among the steps
			v.warn(e)
			return ""
		}
		return v.row("warning", yellow, e.Host, e.Why, "")
	case runner.EventReport:
		v.reports = append(v.reports, e)
	case runner.EventPlan:
		v.plans = append(v.plans, e)
	case runner.EventDue:
		v.dues = append(v.dues, e)
	case runner.EventRecap:
		return v.endPlay() + v.report() + v.plan() + v.due() + v.warned() + v.recap(e)
	}
	return ""
}

func (v *view) beginPlay(e runner.Event) string {
	v.since = v.Now()
	v.steps, v.hosts = map[runner.State]int{}, map[string]bool{}
	title := v.paint(bold, "PLAY "+e.Play)
	if e.Why != "" {
		title += "  " + v.paint(dim, e.Why)
	}
	v.head = "\n" + title + "\n"
	return ""
}

// begun returns the title of a play when the first thing happens in it: a play
// whose hosts all left the run before says nothing.
func (v *view) begun() string {
	head := v.head
	v.head = ""
	return head
}

// endPlay sums up what was not shown step by step.
func (v *view) endPlay() string {
	quiet := v.steps[runner.Unchanged]
	defer func() { v.steps, v.hosts = nil, nil }()
	if quiet == 0 && v.steps[runner.Skipped] == 0 || v.Verbose {
		return ""
	}
	sum := count(quiet, "step") + " unchanged"
	switch skipped := v.steps[runner.Skipped]; {
	case quiet == 0:
		sum = count(skipped, "step") + " skipped"
	case skipped > 0:
		sum += fmt.Sprintf(", %d skipped", skipped)
	}
	sum += fmt.Sprintf(" on %s  (%s)", count(v.quietHosts(), "host"), seconds(v.Now().Sub(v.since)))
	return "  " + v.paint(green, sum) + "\n"
}

func (v *view) quietHosts() int {
	n := 0
	for _, quiet := range v.hosts {
		if quiet {
			n++
		}
	}
	return n
}

func (v *view) step(e runner.Event) string {
	v.tally(e)
	switch e.State {
	case runner.Failed:
		return v.failure(e)
	case runner.Changed:
		return v.changed(e)
	case runner.Skipped:
		if v.Verbose || v.Check {
			return v.row("skipped", cyan, e.Host, title(e)+because(e.Why), "")
		}
	case runner.Unchanged:
		if v.Verbose {
			return v.row("unchanged", green, e.Host, title(e), took(e))
		}
	}
	return ""
}

// tally counts what endPlay sums up.
func (v *view) tally(e runner.Event) {
	if e.State == "" || v.steps == nil {
		return
	}
	v.steps[e.State]++
	v.hosts[e.Host] = v.hosts[e.Host] || e.State == runner.Unchanged || e.State == runner.Skipped
}

func (v *view) changed(e runner.Event) string {
	word := "changed"
	if v.Check {
		word = "to change"
	}
	shown := v.row(word, yellow, e.Host, title(e)+because(e.Why), took(e))
	if v.Diff && e.Diff != "" {
		shown += v.diff(e.Diff)
	}
	return shown
}

func (v *view) host(e runner.Event) string {
	switch {
	case e.Failure != nil:
		return v.failure(e)
	case v.Verbose && e.Why != "":
		return v.row("host", dim, e.Host, e.Why, "")
	}
	return ""
}

// row is "  state  host  text  end"; further lines of the text stand below it.
// Where there is no room beside the host, the whole text does.
func (v *view) row(state string, c color, host, text, end string) string {
	prefix, under := "  "+v.paint(c, pad(state, 9))+"  ", 2+max(9, width(state))+2
	room := v.room(under)
	if end != "" {
		room -= width(end) + 2
		end = "  " + v.paint(dim, end)
	}
	if host != "" {
		column := max(v.indent, width(host)) + 2
		if room-column < narrow {
			return prefix + host + end + "\n" + v.indented(text, strings.Repeat(" ", under))
		}
		prefix, under, room = prefix+pad(host, column), under+column, room-column
	}
	lines := wrap(text, room)
	lines[len(lines)-1] += end
	return strings.TrimRight(prefix+strings.Join(lines, "\n"+strings.Repeat(" ", under)), " ") + "\n"
}

func (v *view) diff(diff string) string {
	var b strings.Builder
	for l := range strings.Lines(diff) {
		l = strings.TrimSuffix(l, "\n")
		c := plain
		switch {
		case strings.HasPrefix(l, "+"):
			c = green
		case strings.HasPrefix(l, "-"):
			c = red
		case strings.HasPrefix(l, "@@"):
			c = cyan
		}
		b.WriteString("      " + v.paint(c, l) + "\n")
	}
	return b.String()
}
