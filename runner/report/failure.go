package report

import (
	"fmt"
	"strings"

	"github.com/pgrun/pgrun/runner"
)

// failure is the block of a failure: where, what, the command with its last
// lines, and what to do.
//
//	failed     db2  etcd: start etcd.service  91 s
//	           the unit did not come up within 90 s
//	           play:       etcd
//	           command:    systemctl start etcd.service
//	           exit code:  1
//	           output:
//	             Job for etcd.service failed.
//	           what to do: journalctl -u etcd.service
func (v *view) failure(e runner.Event) string {
	word, c := "failed", red
	f := e.Failure
	if f == nil {
		return v.row(word, c, e.Host, title(e)+because(e.Why), took(e))
	}
	switch f.Kind {
	case runner.KindUnreachable:
		word, c = "unreachable", bright
	case runner.KindRefused:
		word, c = "refused", bright
	case runner.KindLocked:
		word = "locked"
	case runner.KindInterrupted:
		word = "stopped"
	}
	var b strings.Builder
	const under = "             "
	if title(e) == "" {
		b.WriteString(v.row(word, c, e.Host, f.Error, took(e)))
	} else {
		b.WriteString(v.row(word, c, e.Host, title(e), took(e)) + v.indented(f.Error, under))
	}
	if play := e.Play; play != "" {
		b.WriteString(v.labelled("play:       ", plain, play, under))
	}
	if len(f.Argv) > 0 {
		b.WriteString(v.labelled("command:    ", plain, quoted(f.Argv), under))
		b.WriteString(under + fmt.Sprintf("exit code:  %d\n", f.Code))
	}
	if out := lastLines(f.Output, 20); out != "" {
		b.WriteString(under + "output:\n" + v.indented(out, under+"| "))
	}
	if f.Hint != "" {
		b.WriteString(v.labelled("what to do: ", bold, f.Hint, under))
	}
	return b.String()
}

// labelled writes a text behind a label, its further lines below the first.
func (v *view) labelled(label string, c color, text, under string) string {
	blank := under + strings.Repeat(" ", len(label))
	return under + v.paint(c, label) + strings.TrimPrefix(v.indented(text, blank), blank)
}

// quoted writes an argv so that a reader sees where arguments end, and can
// paste it into a shell.
func quoted(argv []string) string {
	words := make([]string, len(argv))
	for i, arg := range argv {
		words[i] = arg
		if arg == "" || strings.ContainsAny(arg, " \t\n'\"$`\\|&;<>()*?[]{}~#!") {
			words[i] = "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
		}
	}
	return strings.ReplaceAll(strings.Join(words, " "), "\n", " ")
}
