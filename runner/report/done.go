package report

import (
	"fmt"
	"strings"
	"time"
)

// report is what was done, host by host in the order in which it was, and the
// longest gap that a writing client saw:
//
//	REPORT
//	  db2  PostgreSQL 17.11 -> 17.12
//	  db1  PostgreSQL 17.11 -> 17.12, after a switchover to db2
//	  longest gap between two writes: 2.3 s, in the turn of db1
func (v *view) report() string {
	if len(v.reports) == 0 {
		return ""
	}
	column := 0
	longest := v.reports[0]
	for _, e := range v.reports {
		column = max(column, min(width(e.Host), 34))
		if e.MS > longest.MS {
			longest = e
		}
	}
	var b strings.Builder
	fmt.Fprintf(&b, "\n%s\n", v.paint(bold, "REPORT"))
	for _, e := range v.reports {
		under := 2 + max(column, width(e.Host)) + 2
		lines := wrap(e.Why, v.room(under))
		b.WriteString("  " + pad(e.Host, column) + "  " + strings.Join(lines, "\n"+strings.Repeat(" ", under)) + "\n")
	}
	if longest.MS > 0 {
		gap := time.Duration(longest.MS) * time.Millisecond
		fmt.Fprintf(&b, "  longest gap between two writes: %s, in the turn of %s\n", v.paint(bold, seconds(gap)), longest.Host)
	}
	v.reports = nil
	return b.String()
}
