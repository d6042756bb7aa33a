package report

import (
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/pgrun/pgrun/runner"
)

func TestTextIsCleaned(t *testing.T) {
	for _, c := range []struct{ in, want string }{
		{"plain ümlaut\n\ttab", "plain ümlaut\n\ttab"},
		{"\x1b[31mred\x1b[0m", "red"},
		{"\x1b[2J\x1b[1;1Hgone", "gone"},
		{"\x1b]0;title\x07text", "text"},
		{"\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"},
		{"\x1b]never ends", "never ends"},
		{"\x1b", ""},
		{"\x1b[", ""},
		{"a\x1b\nb", "a\nb"},
		{"10%\r20%\r\ndone", "10%\n20%\ndone"},
		{"a\x00b\x07c\x7fd", "abcd"},
		{"c1 \u009b31m", "c1 31m"},
		{"bad \xff utf", "bad \uFFFD utf"},
		{"\u202egnp.exe", "gnp.exe"},
		{"\u2066x\u2069 \u2028", "x "},
		{"soft\u00adhyphen \U000E0041", "softhyphen "},
		{"\x1b]a\x1b]b\x07c", "c"},
		{"\x1b]a\x1b]b\n\x1b]c\x07d", "ab\nd"},
		{"\x1b]\x1b\\x", "x"},
	} {
		if got := text(c.in); got != c.want {
			t.Errorf("%q: got %q, want %q", c.in, got, c.want)
		}
	}
}

func TestEventIsCleaned(t *testing.T) {
	f := &runner.Failure{Kind: "\x1b[2Jk", Error: "\x1b[1mx", Output: "a\x07", Argv: []string{"a\x1b[1m"}, Hint: "\x00"}
	e := Clean(runner.Event{Host: "db1\nRECAP", Step: "a\nb\n", State: "\u009b2Jx\u202e", Why: "\x1b[1mw", Diff: "+\x1b[1md\n", Failure: f})
	if e.Host != "db1 RECAP" || e.Step != "a b" || e.Why != "w" || e.Diff != "+d\n" {
		t.Errorf("got %+v", e)
	}
	if e.State != "2Jx" || e.Failure.Kind != "k" {
		t.Errorf("state %q, kind %q", e.State, e.Failure.Kind)
	}
	if e.Failure.Error != "x" || e.Failure.Output != "a" || e.Failure.Argv[0] != "a" || e.Failure.Hint != "" {
		t.Errorf("got %+v", e.Failure)
	}
	if f.Argv[0] == "a" {
		t.Error("the event that was given is changed")
	}
}

// TestHostileTextsAreCleanedAtOnce: as much as a frame holds, in shapes that make
// one look for an end again and again. All reporters wait meanwhile.
func TestHostileTextsAreCleanedAtOnce(t *testing.T) {
	for _, part := range []string{"\x1b]", "\x1bP", "\x1b[", "\x1b[1;", "\x1b", "\x1b]\x1b", "\r", "\u202e", "\xff", "\x1b]\n"} {
		hostile := strings.Repeat(part, 1<<20/len(part))
		best := time.Hour
		for try := 0; try < 10 && best > 250*time.Millisecond; try++ { // 20 to 60 ms, but on a busy machine
			began := time.Now()
			_ = text(hostile)
			best = min(best, time.Since(began))
		}
		if best > 250*time.Millisecond {
			t.Errorf("%q: %s", part, best)
		}
	}
}

// TestHarmfulCharacters holds the table against Unicode's.
func TestHarmfulCharacters(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		want := unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Bidi_Control, r) || unseen(r)
		if harmful(r) != want {
			t.Errorf("%U: harmful %v, want %v", r, harmful(r), want)
		}
	}
}

func FuzzText(f *testing.F) {
	f.Add("\x1b[31m\xff\x1b]")
	f.Fuzz(func(t *testing.T, s string) {
		if got := text(s); got != text(got) {
			t.Errorf("%q: not clean after once: %q", s, got)
		}
	})
}
