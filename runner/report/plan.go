package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/pgrun/pgrun/runner"
)

// plan is what would interrupt a service, in the order in which the run would
// do it:
//
//	PLAN: what would interrupt a service, in this order
//	  db2  PostgreSQL restarts: it needs that for max_connections
//	  db1  PostgreSQL restarts, after a switchover to db2 (about 2.3 s without writes)
func (v *view) plan() string {
	return v.hostLines("PLAN: what would interrupt a service, in this order", v.plans)
}

// due is what a run left for another time.
func (v *view) due() string {
	if len(v.dues) == 0 {
		return ""
	}
	return v.hostLines("DUE: restarts that were left for another time", v.dues) +
		v.indented("`pgrun restart.yml` with the same inventory makes them, one host at a time.", "  ")
}

func (v *view) hostLines(title string, events []runner.Event) string {
	if len(events) == 0 {
		return ""
	}
	column := 0
	for _, e := range events {
		column = max(column, min(width(e.Host), 34))
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s\n", v.paint(bold, title))
	for _, e := range events {
		text := e.Why
		if e.MS > 0 {
			text += fmt.Sprintf(" (about %s without writes)", seconds(time.Duration(e.MS)*time.Millisecond))
		}
		under := 2 + max(column, width(e.Host)) + 2
		lines := wrap(text, v.room(under))
		b.WriteString("  " + pad(e.Host, column) + "  " + strings.Join(lines, "\n"+strings.Repeat(" ", under)) + "\n")
	}
	return b.String()
}
