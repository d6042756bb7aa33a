package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/runner"
)

func TestWidth(t *testing.T) {
	for text, want := range map[string]int{"": 0, "abc": 3, "ä": 1, "a\u0308": 1, "数据库": 6, "ｶﾅ": 2, "Ａ": 2, "🐘": 2, "a\u200db": 2} {
		if got := width(text); got != want {
			t.Errorf("%q: got %d, want %d", text, got, want)
		}
	}
}

func TestCutAndPadKnowWideCharacters(t *testing.T) {
	for _, c := range []struct {
		text string
		to   int
		want string
	}{{"数据库", 6, "数据库"}, {"数据库", 5, "数据~"}, {"数据库", 4, "数~ "}, {"abc", 5, "abc  "}, {"abcdef", 3, "ab~"}, {"ab", 1, "~"}, {"ab", 0, ""}} {
		if got := pad(cut(c.text, c.to), c.to); got != c.want {
			t.Errorf("%s to %d: got %q, want %q", c.text, c.to, got, c.want)
		}
	}
}

// everything is what a run may show, with names and texts of any kind.
func everything() []runner.Event {
	no := false
	hosts := []string{"db1", "database-primary-frankfurt-rack-17-node-3.example.internal", "数据库服务器一", "lb\t1"}
	text := "wartet auf ファイルを書き込む and a quorum of its members"
	list := []runner.Event{{Event: runner.EventNote, Why: text}, {Event: runner.EventPlay, Play: "資料庫"}}
	recap := runner.Event{Event: runner.EventRecap, OK: &no, Check: &no, Hosts: map[string]runner.Counts{}}
	for _, host := range hosts {
		changed, failed := step(host, "os", text, runner.Changed), step(host, "os", text, runner.Failed)
		changed.Why, changed.MS, failed.MS = text, 1500, 91_000
		failed.Failure = &runner.Failure{Error: text, Output: text, Hint: text, Argv: []string{"systemctl", text}}
		list = append(list, runner.Event{Event: runner.EventStart, Host: host, Role: "os", Step: text}, changed, failed,
			runner.Event{Event: runner.EventReport, Host: host, Why: text})
		recap.Hosts[host] = runner.Counts{Failed: 1}
	}
	return append(list, recap)
}

func TestNoLineIsWiderThanTheTerminal(t *testing.T) {
	for _, columns := range []int{60, 80, 120, 200} {
		var out bytes.Buffer
		term := newTerminal(&out, func() (int, int) { return columns, 24 }, Options{})
		for _, e := range everything() {
			term.Event(e)
			for _, l := range term.bottom(columns, 24) {
				if width(l) > columns || e.Event == runner.EventStart && !strings.Contains(l, "0.0 s") && !strings.Contains(l, "more") {
					t.Errorf("%d columns, live: %q", columns, l)
				}
			}
		}
		if err := term.Close(); err != nil {
			t.Fatal(err)
		}
		for l := range strings.Lines(strings.TrimPrefix(out.String(), "\r\x1b[J")) {
			if l = strings.TrimSuffix(l, "\n"); width(l) > columns && !strings.Contains(l, "example.internal") {
				t.Errorf("%d columns: %d: %q", columns, width(l), l)
			}
		}
	}
}
