package config

import (
	"regexp"
	"strings"
)

// quote reads a quoted text.
func (c *construct) quote() bool {
	from, mark := c.at, c.text[c.at]
	own := indent(c.lineOf(lineBefore(c.text, from+1)))
	for c.at++; c.at < len(c.text); c.at++ {
		switch ch := c.text[c.at]; {
		case ch == '\\' && mark == '"':
			if c.at++; !c.escaped() {
				return c.found(c.at-1, "an unknown escape in double quotes: use single quotes, or write \\\\")
			}
		case ch == '\n' && c.dedented(own):
			return c.quoteOpen(from)
		case ch != mark:
		case mark == '\'' && c.at+1 < len(c.text) && c.text[c.at+1] == mark:
			c.at++
		default:
			c.at++
			return c.afterQuote(from)
		}
	}
	return c.quoteOpen(from)
}

// escaped says whether a backslash may stand before this character.
func (c *construct) escaped() bool {
	return c.at >= len(c.text) || strings.IndexByte("0abt\tnvfre \"/\\N_LPxuU\n\r", c.text[c.at]) >= 0
}

// dedented says, at the end of a line, whether the next is indented no deeper
// than a value's own.
func (c *construct) dedented(own int) bool {
	line := c.lineOf(skipBlank(c.text, c.at+1))
	return strings.TrimSpace(line) != "" && indent(line) <= own
}

func (c *construct) quoteOpen(from int) bool {
	return c.found(from, "the quote that begins here is not closed: write "+string(c.text[from])+" after the value")
}

// afterQuote looks at what follows a closing quote. On a line further down it
// is rather an opening one.
func (c *construct) afterQuote(from int) bool {
	rest := strings.TrimLeft(comment.ReplaceAllString(c.lineOf(c.at), ""), " \t\r")
	lines := strings.Contains(string(c.text[from:c.at]), "\n")
	switch {
	case rest == "" || rest[0] == ':' || len(c.open) > 0 && strings.IndexByte(",]}", rest[0]) >= 0:
		return false
	case lines:
		return c.quoteOpen(from)
	case strings.IndexByte("[{", rest[0]) >= 0:
		return c.found(c.at+strings.IndexByte(c.lineOf(c.at), rest[0]), noColon)
	case strings.IndexByte("]}", rest[0]) >= 0:
		return false // closes tells
	case c.text[from] == '\'':
		return c.found(c.at-1, "the value ends with this quote: write '' for a quote in it")
	}
	return c.found(c.at-1, "the value ends with this quote: write \\\" for a quote in it")
}

var tagName = regexp.MustCompile(`^[!&][^\s,\[\]{}]*`)

// tag reads a tag or an anchor, which a space must part from what follows.
func (c *construct) tag() bool {
	from := c.at
	c.at += len(tagName.Find(c.text[c.at:]))
	if c.at < len(c.text) && strings.IndexByte(",]}[{", c.text[c.at]) >= 0 {
		return c.found(from, "a tag takes a space and a value after it: !env NAME, !file path, !command [argv]; quote a value that begins with ! or &")
	}
	return false
}

// block passes over a text of several lines.
func (c *construct) block(begin int) {
	own := indent(c.lineOf(begin))
	for c.at = c.lineEnd() + 1; c.at < len(c.text); c.at = c.lineEnd() + 1 {
		if line := c.lineOf(c.at); strings.TrimSpace(line) != "" && indent(line) <= own {
			break
		}
	}
	c.at = min(c.at, len(c.text))
}

// plain reads a text without quotes.
func (c *construct) plain() bool {
	for from := c.at; c.at < len(c.text) && c.text[c.at] != '\n'; c.at++ {
		ch := c.text[c.at]
		switch {
		case ch == ':' && c.spaceAfter(c.at):
			return c.second(from)
		case ch == '#' && c.spaceBefore():
			return false
		case len(c.open) == 0:
			continue
		}
		switch ch {
		case ',', ']', '}':
			return false
		case '[', '{':
			if c.text[c.at-1] == ':' {
				return c.found(c.at-1, "a space is missing after this colon")
			}
			if c.spaceBefore() {
				return c.found(c.at, noColon+", or a comma")
			}
			return c.found(from, "a name or value with a bracket in it: write quotes around it")
		}
	}
	return false
}

// second looks at a colon: the first of a line makes a key, a second is none.
func (c *construct) second(from int) bool {
	line := string(c.text[lineBefore(c.text, from+1):from])
	if len(c.open) == 0 {
		before := strings.TrimLeft(listItem.ReplaceAllString(line, ""), " ")
		if before != "" && strings.HasSuffix(strings.TrimRight(before, " "), ":") {
			return c.found(c.at, `a second ": " in a value that is not quoted, or a line that is indented too far`)
		}
		return false
	}
	before := strings.TrimRight(string(c.text[c.open[len(c.open)-1]+1:from]), " \r\n")
	if strings.HasSuffix(before, ":") {
		return c.found(c.at, `a second ": " in a value: a comma is missing before the key, or quotes around the value`)
	}
	return false
}

var listItem = regexp.MustCompile(`^ *(?:- +)*`)
