package report

import (
	"strings"
	"unicode"

	"github.com/pgrun/pgrun/runner"
)

// Clean returns the event without what could move a cursor or hide text:
// escape sequences, control bytes, invalid UTF-8, characters that change the
// direction of writing. Names become one line each.
func Clean(e runner.Event) runner.Event {
	e.Host, e.Play, e.Role, e.Action, e.Step = line(e.Host), line(e.Play), line(e.Role), line(e.Action), line(e.Step)
	e.State = runner.State(line(string(e.State)))
	e.Why, e.Diff = text(e.Why), text(e.Diff)
	if e.Failure != nil {
		f := *e.Failure
		f.Kind, f.Error, f.Output, f.Hint = line(f.Kind), text(f.Error), text(f.Output), text(f.Hint)
		f.Argv = make([]string, len(e.Failure.Argv))
		for i, arg := range e.Failure.Argv {
			f.Argv[i] = text(arg)
		}
		if len(f.Argv) == 0 {
			f.Argv = nil
		}
		e.Failure = &f
	}
	return e
}

// line cleans what is one line.
func line(s string) string {
	return strings.Join(strings.FieldsFunc(text(s), func(r rune) bool { return r == '\n' || r == '\t' }), " ")
}

// text cleans what may have several lines; tabs stay.
func text(s string) string {
	if isClean(s) {
		return s
	}
	s = strings.ReplaceAll(strings.ToValidUTF8(s, "\uFFFD"), "\r\n", "\n")
	var b strings.Builder
	b.Grow(len(s))
	runes := []rune(s)
	e := escapes{text: runes}
	for i := 0; i < len(runes); i++ {
		switch r := runes[i]; {
		case r == 0x1b:
			i += e.length(i) - 1
		case r == '\r':
			b.WriteByte('\n')
		case !harmful(r):
			b.WriteRune(r)
		}
	}
	return b.String()
}

func isClean(s string) bool {
	for _, r := range s {
		if r == unicode.ReplacementChar || harmful(r) {
			return false
		}
	}
	return true
}

func harmful(r rune) bool {
	if r < 0x7f {
		return r < 0x20 && r != '\n' && r != '\t'
	}
	return r <= 0x9f || turns(r) || unseen(r)
}

// turns says whether a character changes the direction of writing.
func turns(r rune) bool {
	return r == 0x061c || r == 0x200e || r == 0x200f || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}

// unseen says whether a character separates lines or stands for nothing that is
// seen: two texts that look alike would differ.
func unseen(r rune) bool {
	return r == 0x2028 || r == 0x2029 || r == 0x00ad || r >= 0xe0000 && r <= 0xe007f
}

// escapes measures the escape sequences of a text. A host that is up to no good
// may begin one at every other character and end none: so how far a text holds
// no end is remembered, and each character is looked at once for it.
type escapes struct {
	text    []rune
	endless int // no control string that begins before this ends before this
}

// length is that of the escape sequence at a place: a control sequence, a
// string, or two characters. One that does not end is taken to be its
// introduction only.
func (e *escapes) length(at int) int {
	s := e.text[at:]
	if len(s) < 2 || s[1] == '\n' {
		return 1
	}
	length := 0
	switch s[1] {
	case '[':
		length = controlSequence(s)
	case ']', 'P', '_', '^', 'X':
		length = e.controlString(at)
	}
	return max(2, length)
}

// controlSequence is ESC [ ... letter; 0: it does not end.
func controlSequence(s []rune) int {
	for i := 2; i < len(s) && s[i] >= 0x20 && s[i] < 0x7f; i++ {
		if s[i] >= 0x40 {
			return i + 1
		}
	}
	return 0
}

// controlString is ESC ] ... BEL, or ESC ] ... ESC \; 0: it does not end.
func (e *escapes) controlString(at int) int {
	i := max(at+2, e.endless)
	for ; i < len(e.text) && e.text[i] != '\n'; i++ {
		if e.text[i] == 0x07 {
			return i + 1 - at
		}
		if e.text[i] == 0x1b && i+1 < len(e.text) && e.text[i+1] == '\\' {
			return i + 2 - at
		}
	}
	e.endless = i
	return 0
}
