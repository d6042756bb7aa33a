package report

import (
	"strings"

	"github.com/pgrun/pgrun/runner"
)

// warn keeps a warning for the end. Several hosts may say the same.
func (v *view) warn(e runner.Event) {
	if v.known[e.Why] {
		return
	}
	if v.known == nil {
		v.known = map[string]bool{}
	}
	v.known[e.Why] = true
	v.warnings = append(v.warnings, e)
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
	v.warnings, v.known = nil, nil
	return b.String()
}
