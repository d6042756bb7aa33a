package report

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/pgrun/pgrun/runner"
)

func TestTerminalRedraws(t *testing.T) {
	c := newClock()
	var out bytes.Buffer
	term := newTerminal(&out, func() (int, int) { return 40, 24 }, Options{Now: c.read})
	drawn := func() string {
		out.Reset()
		term.tick()
		return out.String()
	}
	term.Event(runner.Event{Event: runner.EventPlay, Play: "etcd"})
	term.Event(runner.Event{Event: runner.EventStart, Host: "db1", Role: "etcd", Step: "wait for a quorum of members that is long"})
	c.advance(3 * time.Second)
	want := "\r\x1b[J\nPLAY etcd\n\x1b[?7l  db1  etcd: wait for a quorum ~  3.0 s\n\x1b[?7h"
	if got := drawn(); got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if got := drawn(); got != "" {
		t.Errorf("drawn again although nothing happened: %q", got)
	}
	c.advance(time.Second)
	if got := drawn(); !strings.HasPrefix(got, "\x1b[1A\r\x1b[J") || !strings.Contains(got, "4.0 s") {
		t.Errorf("the clock stands still: %q", got)
	}
	term.Event(step("db1", "etcd", "file x", runner.Changed))
	out.Reset()
	if err := term.Close(); err != nil {
		t.Fatal(err)
	}
	if got, want := out.String(), "\x1b[1A\r\x1b[J  changed    db1  etcd: file x\n"; got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestTerminalKeepsToHalfTheScreen(t *testing.T) {
	term := newTerminal(&bytes.Buffer{}, func() (int, int) { return 80, 8 }, Options{})
	for _, host := range []string{"a", "b", "c", "d", "e", "f"} {
		term.Event(step(host, "os", "x", runner.Unchanged))
	}
	term.Event(runner.Event{Event: runner.EventStart, Host: "f", Role: "os", Step: "long"})
	bottom := term.bottom(80, 8)
	if len(bottom) != 4 || !strings.Contains(bottom[0], "os: long") || bottom[3] != "  ... and 3 more hosts" {
		t.Errorf("got %q", bottom)
	}
	if bottom := term.bottom(3, 1); len(bottom) != 1 {
		t.Errorf("tiny terminal: got %q", bottom)
	}
}

func TestTerminalWrapsProse(t *testing.T) {
	var out bytes.Buffer
	term := newTerminal(&out, func() (int, int) { return 50, 24 }, Options{})
	e := step("db1", "etcd", "a step with a name that is long enough", runner.Failed)
	e.Failure = &runner.Failure{Error: "words that do not fit on one line of this terminal", Hint: "unbreakable" + strings.Repeat("x", 40)}
	e.MS = 12_000
	term.Event(e)
	if err := term.Close(); err != nil {
		t.Fatal(err)
	}
	want := `  failed     db1  etcd: a step with a name
                  that is long enough  12 s
             words that do not fit on one line of
             this terminal
             play:       etcd
             what to do: unbreakablexxxxxxxxxxxxxx
                         xxxxxxxxxxxxxxxxxxxxxxxxx
                         x
`
	if got := strings.TrimPrefix(out.String(), "\r\x1b[J"); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}
