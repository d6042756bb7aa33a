package report

import (
	"slices"
	"strings"

	"github.com/pgrun/pgrun/runner"
)

// warn keeps a warning for the end. Several hosts may say the same.
func (v *view) warn(e runner.Event) {
	if !slices.ContainsFunc(v.warnings, func(known runner.Event) bool { return known.Why == e.Why }) {
		v.warnings = append(v.warnings, e)
	}
}

// warned is what the hosts warned of, in the order in which they did:
//
//	WARNINGS
//	  db3 leads and is not in this run: roles and databases were left as they are
func (v *view) warned() string {
	if len(v.warnings) == 0 {
		return ""
	}
	var b strings.Builder
	b.WriteString("\n" + v.paint(yellow, "WARNINGS") + "\n")
	for _, e := range v.warnings {
		b.WriteString(v.indented(e.Why, "  "))
	}
	v.warnings = nil
	return b.String()
}
