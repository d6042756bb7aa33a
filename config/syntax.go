package config

import (
	"bytes"
	"errors"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// syntax reports an error of yaml.v3 at its place. yaml.v3 tells the line at
// best, and that of where the broken thing began, or where it gave up.
func (s *source) syntax(err error, p *Problems) {
	var second errSecond
	if errors.As(err, &second) {
		p.Add(Pos{File: s.name, Line: second.line, Column: second.column, source: s}, "", "%s", second)
		return
	}
	message, line := splitError(err)
	if anchor, ok := strings.CutPrefix(message, "unknown anchor '"); ok {
		name, _, _ := strings.Cut(anchor, "'")
		if at := strings.Index(string(s.text), "*"+name); at >= 0 {
			p.Add(s.at(at), "", "%s", plainly(message))
			return
		}
	}
	from, to, ok := s.broken()
	if !ok {
		from = s.offset(line)
	}
	at, what := s.flaw(from, to, message)
	p.Add(s.at(at), "", "%s", what)
}

var errorLine = regexp.MustCompile(`^line (\d+): `)

func splitError(err error) (message string, line int) {
	message = strings.TrimPrefix(err.Error(), "yaml: ")
	if found := errorLine.FindStringSubmatch(message); found != nil {
		line, _ = strconv.Atoi(found[1])
		message = message[len(found[0]):]
	}
	return message, line
}

// broken returns the lines of the text in which the mistake is: all above
// them are sound for themselves, and what follows was not read.
func (s *source) broken() (from, to int, ok bool) {
	most := 8 << 20 // bytes that are parsed for this
	reader := &lineReader{rest: s.text}
	_, _ = decodeFrom(reader)
	to = len(s.text) - len(reader.rest)
	for from = lineBefore(s.text, to); from > 0; from = lineBefore(s.text, from) {
		if most -= from; most < 0 {
			return 0, to, false
		}
		if _, err := decodeOne(s.text[:from]); err == nil {
			break
		}
	}
	return from, to, true
}

// offset returns where a line begins.
func (s *source) offset(line int) int {
	at := 0
	for ; line > 1; line-- {
		next := bytes.IndexByte(s.text[at:], '\n')
		if next < 0 {
			break
		}
		at += next + 1
	}
	return at
}

// lineBefore returns where the line begins that holds the byte before at.
func lineBefore(text []byte, at int) int {
	return bytes.LastIndexByte(text[:max(at-1, 0)], '\n') + 1
}

// lineReader gives a parser one line at a time, and so knows how far it got.
type lineReader struct{ rest []byte }

func (r *lineReader) Read(into []byte) (int, error) {
	if len(r.rest) == 0 {
		return 0, io.EOF
	}
	size := len(r.rest)
	if end := bytes.IndexByte(r.rest, '\n'); end >= 0 {
		size = end + 1
	}
	size = copy(into, r.rest[:size])
	r.rest = r.rest[size:]
	return size, nil
}

// flaw returns the place of the mistake in the broken lines, and what to write.
func (s *source) flaw(from, to int, message string) (at int, what string) {
	if at, ok := s.keyAbove(from, message); ok {
		if joined := joinedKey.FindIndex(s.text[at:]); joined != nil {
			return at + joined[1] - 1, "a space is missing after this colon"
		}
		return at, missingColon
	}
	c := construct{text: s.text[:to], at: from}
	if c.scan() {
		return c.flaw, c.what
	}
	from = skipBlank(s.text, from)
	line := s.text[from:]
	if end := bytes.IndexByte(line, '\n'); end >= 0 {
		line = line[:end]
	}
	begin := from + len(line) - len(bytes.TrimLeft(line, " "))
	switch {
	case bytes.HasPrefix(bytes.TrimLeft(line, " "), []byte("\t")):
		return begin, "a tab: indent with spaces"
	case strings.Contains(message, "expected key") || strings.Contains(message, "'-' indicator"):
		return begin, plainly(message)
	}
	return s.givesUp(from, from+len(line), to), plainly(message)
}

// keyAbove finds a line that was meant as a key: it was read as a text, which
// goes on in the line below up to its colon.
func (s *source) keyAbove(from int, message string) (at int, ok bool) {
	lines := 0
	switch {
	case strings.Contains(message, "mapping values are not allowed"):
		lines = 1
	case strings.Contains(message, "did not find expected key"):
		lines = 2 // yaml.v3 takes the first of them, with the second, for a key
	}
	for from > 0 && lines > 0 {
		begin := lineBefore(s.text, from)
		line := string(bytes.TrimRight(s.text[begin:from], "\r\n"))
		from = begin
		trimmed := strings.TrimLeft(line, " ")
		if trimmed == "" || trimmed[0] == '#' {
			continue
		}
		if lines--; lines == 0 || keyless.MatchString(line) {
			return begin + len(listItem.FindString(line)), keyless.MatchString(line)
		}
	}
	return 0, false
}

// keyless is a line of words without a colon that a space follows, joinedKey
// the begin of one that lacks only the space.
var (
	keyless   = regexp.MustCompile(`^ *(?:- +)*[\w.-]+(?::[^\s:]+|(?: +[^:#]*)?)(?:\s#.*)?$`)
	joinedKey = regexp.MustCompile(`^[\w.-]+:`)
)

// skipBlank goes to the first line from a place on that is neither empty nor a
// comment.
func skipBlank(text []byte, from int) int {
	for at := from; at < len(text); {
		line := text[at:]
		if end := bytes.IndexByte(line, '\n'); end >= 0 {
			line = line[:end+1]
		}
		if trimmed := bytes.TrimSpace(line); len(trimmed) > 0 && trimmed[0] != '#' {
			return at
		}
		at += len(line)
	}
	return from
}

// givesUp returns the last token of a line with which the text fails: the
// shortest beginning that fails as all longer ones do.
func (s *source) givesUp(from, end, to int) int {
	if len(s.text[:to]) > 256<<10 { // each try parses all before it
		return from
	}
	for ; end > from; end-- {
		if _, err := decodeOne(s.text[:end-1]); err == nil {
			break
		}
	}
	at := max(end-1, from)
	for at > from && strings.ContainsRune(" \r\n", rune(s.text[at])) {
		at--
	}
	for at > from && s.text[at]&0xc0 == 0x80 {
		at--
	}
	return at
}
