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
	e.Why, e.Diff = text(e.Why), text(e.Diff)
	if e.Failure != nil {
		f := *e.Failure
		f.Error, f.Output, f.Hint = text(f.Error), text(f.Output), text(f.Hint)
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
	runes := []rune(s)
	for i := 0; i < len(runes); i++ {
		switch r := runes[i]; {
		case r == 0x1b:
			i += escape(runes[i:]) - 1
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
	if r == '\n' || r == '\t' {
		return false
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) || r == '\u2028' || r == '\u2029'
}

// escape is the length of the escape sequence at the beginning: a control
// sequence, a string, or two characters. One that does not end is taken to be
// its introduction only.
func escape(s []rune) int {
	if len(s) < 2 || s[1] == '\n' {
		return 1
	}
	length := 0
	switch s[1] {
	case '[':
		length = controlSequence(s)
	case ']', 'P', '_', '^', 'X':
		length = controlString(s)
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
func controlString(s []rune) int {
	for i := 2; i < len(s) && s[i] != '\n'; i++ {
		if s[i] == 0x07 {
			return i + 1
		}
		if s[i] == 0x1b && i+1 < len(s) && s[i+1] == '\\' {
			return i + 2
		}
	}
	return 0
}
