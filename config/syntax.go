package config

import (
	"errors"
	"fmt"
	"regexp"
	"sort"
	"strconv"
	"strings"
)

// syntax reports an error of yaml.v3 at its place. yaml.v3 tells the line at
// best, and that of where the broken thing began.
func (s *source) syntax(err error, p *Problems) {
	var second errSecond
	if errors.As(err, &second) {
		p.Add(Pos{File: s.name, Line: second.line, Column: second.column, source: s}, "", "%s", second)
		return
	}
	message, line := splitError(err)
	pos := s.locate(message)
	if pos.Line == 0 {
		pos = Pos{File: s.name, Line: line, source: s}
	}
	if strings.Contains(message, "expected key") || strings.Contains(message, "'-' indicator") {
		line, _ := s.line(pos.Line)
		pos.Column = len(line) - len(strings.TrimLeft(line, " ")) + 1
	}
	p.Add(pos, "", "%s", s.explain(message, pos))
}

func splitError(err error) (message string, line int) {
	message = strings.TrimPrefix(err.Error(), "yaml: ")
	if found := regexp.MustCompile(`^line (\d+): `).FindStringSubmatch(message); found != nil {
		line, _ = strconv.Atoi(found[1])
		message = message[len(found[0]):]
	}
	return message, line
}

// locate finds the shortest beginning of the text that fails in the same way:
// its end is where the parser gave up. An unclosed list or quote fails so from
// its beginning on, and that is the place to show.
func (s *source) locate(message string) Pos {
	const most = 256 << 10 // each try parses all before it
	if len(s.text) > most {
		return Pos{}
	}
	if anchor, ok := strings.CutPrefix(message, "unknown anchor '"); ok {
		name, _, _ := strings.Cut(anchor, "'")
		if at := strings.Index(string(s.text), "*"+name); at >= 0 {
			return s.at(at)
		}
	}
	fails := func(size int) bool {
		_, err := decodeOne(s.text[:size])
		if err == nil {
			return false
		}
		same, _ := splitError(err)
		return same == message
	}
	if !fails(len(s.text)) {
		return Pos{}
	}
	size := sort.Search(len(s.text), fails)
	return s.at(s.tokenBefore(size))
}

// tokenBefore steps back from the end of a beginning to the last character
// that is not space.
func (s *source) tokenBefore(size int) int {
	at := min(size, len(s.text)) - 1
	for at > 0 && strings.ContainsRune(" \r\n", rune(s.text[at])) {
		at--
	}
	for at > 0 && s.text[at]&0xc0 == 0x80 {
		at--
	}
	return at
}

// explain says what to write instead.
func (s *source) explain(message string, pos Pos) string {
	line, _ := s.line(pos.Line)
	switch {
	case strings.HasPrefix(strings.TrimLeft(line, " "), "\t"):
		return "a tab: indent with spaces"
	case strings.Contains(message, "cannot start any token"):
		return "a value cannot begin with this character: quote the value"
	case strings.Contains(message, "mapping values are not allowed"):
		return "a second \": \" in a value that is not quoted, or a line that is indented too far"
	case strings.Contains(message, "did not find expected key"):
		return "this line fits neither the mapping above nor the one around it: check its indentation and quotes"
	case strings.Contains(message, "expected '-' indicator"):
		return "a list ends here: check the indentation, or begin the line with \"- \""
	case strings.Contains(message, "expected ',' or ']'"):
		return "the list" + s.opened(pos, '[', ']') + " is not closed, or lacks a comma"
	case strings.Contains(message, "expected ',' or '}'"):
		return "the mapping" + s.opened(pos, '{', '}') + " is not closed, or lacks a comma"
	case strings.Contains(message, "unexpected end of stream"):
		return "a quote is not closed"
	case strings.Contains(message, "unknown escape character"):
		return "an unknown escape in double quotes: use single quotes, or write \\\\"
	case strings.Contains(message, "could not find expected ':'"):
		return "a key without \": \" after it"
	case strings.HasPrefix(message, "unknown anchor"):
		return "an alias to an unknown anchor: quote a value that begins with *"
	}
	return message
}

// opened tells the place of the bracket that is open at a place.
func (s *source) opened(pos Pos, open, closing byte) string {
	depth := 0
	for at := s.offset(pos); at >= 0; at-- {
		switch s.text[at] {
		case closing:
			depth++
		case open:
			if depth == 0 {
				from := s.at(at)
				return fmt.Sprintf(" that begins at %d:%d", from.Line, from.Column)
			}
			depth--
		}
	}
	return ""
}

// offset returns the byte that stands before a place, or at it.
func (s *source) offset(pos Pos) int {
	at := 0
	for line := 1; line < pos.Line; line++ {
		next := strings.IndexByte(string(s.text[at:]), '\n')
		if next < 0 {
			break
		}
		at += next + 1
	}
	return min(at+max(pos.Column-1, 0), len(s.text)-1)
}
