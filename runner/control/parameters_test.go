package control

import (
	"strings"
	"testing"
)

func TestVariablesOfAnEntry(t *testing.T) {
	const play = "- {hosts: all, roles: [{role: thing, action: download, with: [%]}]}\n"
	for _, c := range []struct{ with, extra, want string }{
		{"to", "to=there", ""},
		{"to", "too=there", `unknown variable "too"`},
		{"to", "to=nowhere", "to: nowhere is no place"},
		{"whence", "to=there", `thing: download takes no variable "whence" (known: to)`},
	} {
		l := newLab(t)
		summary, problems := l.run(threeHosts, strings.Replace(play, "%", c.with, 1), give(c.extra))
		if c.want == "" && (problems != "" || !summary.OK() || !strings.Contains(strings.Join(l.log, ", "), "download db1 there")) {
			t.Errorf("%s %s: %s, did %q", c.with, c.extra, problems, l.log)
		}
		if c.want != "" && (!strings.Contains(problems, c.want) || strings.Count(problems, c.want) > 1 || len(l.log) > 0) {
			t.Errorf("%s %s: %s, did %q", c.with, c.extra, problems, l.log)
		}
	}
	// What an entry does not name has no effect there.
	l := newLab(t)
	_, problems := l.run(threeHosts, "- {hosts: all, roles: [{role: thing, action: download}]}\n", give("to=there"))
	if !strings.Contains(problems, `unknown variable "to"`) || len(l.log) > 0 {
		t.Errorf("%s, did %q", problems, l.log)
	}
}
