package config

import (
	"bytes"
	"regexp"
	"strings"
)

// construct reads lines in which the parser found a mistake, as far as they
// have brackets and quotes, to find the one that lacks its counterpart. It
// knows what the parser does not: a value ends where the indentation does.
type construct struct {
	text []byte
	at   int
	open []int // places of the brackets that are open

	flaw int
	what string
}

func (c *construct) found(at int, what string) bool {
	c.flaw, c.what = at, what
	return true
}

// scan says whether there is a flaw.
func (c *construct) scan() bool {
	for c.at < len(c.text) {
		if c.line() {
			return true
		}
	}
	return len(c.open) > 0 && c.notClosed()
}

// line reads what begins on a line; brackets and quotes may go on below it.
func (c *construct) line() bool {
	begin := c.at
	for c.at < len(c.text) {
		switch ch := c.text[c.at]; {
		case ch == '\n':
			c.at++
			if len(c.open) == 0 {
				return false
			}
			if c.endsAbove() {
				return c.notClosed()
			}
		case ch == ' ' || ch == '\r' || ch == '\t':
			c.at++
		case ch == '#' && c.spaceBefore():
			c.at = c.lineEnd()
		default:
			if c.token(begin) {
				return true
			}
		}
	}
	return false
}

// token reads a bracket, a quote or a plain text.
func (c *construct) token(begin int) bool {
	inside := len(c.open) > 0
	switch ch := c.text[c.at]; ch {
	case '{', '[':
		c.open = append(c.open, c.at)
		c.at++
		return false
	case '}', ']':
		return c.closes(begin)
	case '"', '\'':
		return c.quote()
	case '!', '&':
		return c.tag()
	case '|', '>':
		if !inside {
			c.block(begin)
			return false
		}
	case ',', ':':
		if ch == ',' && inside || ch == ':' && c.spaceAfter(c.at) {
			c.at++
			return false
		}
	}
	return c.plain()
}

const (
	template = "this is no template: write the value itself, without {{ }}"
	noColon  = "\": \" is missing before this"
)

// missing matches a key and a value with only a space between.
var missing = regexp.MustCompile(`^ *(?:- +)*[\w.-]+ +[\[{"']`)

// closes takes a closing bracket.
func (c *construct) closes(begin int) bool {
	pair := map[byte]byte{'}': '{', ']': '['}
	opening := pair[c.text[c.at]]
	last := len(c.open) - 1
	switch {
	case last >= 0 && c.text[c.open[last]] == opening:
		from := c.open[last]
		c.open = c.open[:last]
		c.at++
		if last == 0 {
			return c.afterValue(from)
		}
		return false
	case last >= 0 && c.has(opening):
		return c.notClosed()
	}
	if at := missing.FindIndex(c.text[begin:c.at]); at != nil {
		return c.found(begin+at[1]-1, noColon)
	}
	return c.found(c.at, "a "+string(c.text[c.at])+" without the "+string(opening)+" that it closes: write the one or delete the other")
}

func (c *construct) has(opening byte) bool {
	for _, at := range c.open {
		if c.text[at] == opening {
			return true
		}
	}
	return false
}

// notClosed reports the innermost bracket that is open.
func (c *construct) notClosed() bool {
	at := c.open[len(c.open)-1]
	switch {
	case bytes.HasPrefix(c.text[at:], []byte("{{")) || at > 0 && bytes.HasPrefix(c.text[at-1:], []byte("{{")):
		return c.found(at, template)
	case c.text[at] == '[':
		return c.found(at, "the list that begins here is not closed: write ] after its last value")
	}
	return c.found(at, "the mapping that begins here is not closed: write } after its last value")
}

// endsAbove says, at the begin of a line, that the innermost bracket should
// have been closed before it: what stands here is indented no deeper than the
// line of that bracket. A bracket that ends its line may hold such lines.
func (c *construct) endsAbove() bool {
	at := c.open[len(c.open)-1]
	if strings.TrimSpace(comment.ReplaceAllString(c.lineOf(at+1), "")) == "" {
		return false
	}
	next := skipBlank(c.text, c.at)
	line := c.lineOf(next)
	trimmed := strings.TrimSpace(line)
	if trimmed == "" || trimmed[0] == '#' || strings.ContainsRune("]},", rune(trimmed[0])) {
		return false
	}
	own := c.lineOf(lineBefore(c.text, at+1))
	return indent(line) <= indent(own)
}

var comment = regexp.MustCompile(`(?:^|\s)#.*`)

// afterValue looks at what follows a value outside of brackets.
func (c *construct) afterValue(from int) bool {
	rest := comment.ReplaceAllString(c.lineOf(c.at), "")
	trimmed := strings.TrimLeft(rest, " \t\r")
	at := c.at + len(rest) - len(trimmed)
	switch {
	case trimmed == "" || trimmed[0] == ':':
		return false
	case bytes.HasPrefix(c.text[from:], []byte("{{")):
		return c.found(from, template)
	case strings.ContainsRune("]}", rune(trimmed[0])):
		return false // closes tells
	}
	return c.found(at, "nothing may follow the value: quote all of it, or begin a new line")
}

func (c *construct) lineEnd() int {
	if end := bytes.IndexByte(c.text[c.at:], '\n'); end >= 0 {
		return c.at + end
	}
	return len(c.text)
}

// lineOf returns the rest of a line from a place on.
func (c *construct) lineOf(at int) string {
	line, _, _ := strings.Cut(string(c.text[min(at, len(c.text)):]), "\n")
	return line
}

func (c *construct) spaceAfter(at int) bool {
	return at+1 >= len(c.text) || strings.IndexByte(" \t\r\n", c.text[at+1]) >= 0 || len(c.open) > 0 && strings.IndexByte(",]}", c.text[at+1]) >= 0
}

func (c *construct) spaceBefore() bool {
	return c.at == 0 || strings.IndexByte(" \t\n", c.text[c.at-1]) >= 0
}
