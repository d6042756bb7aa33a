package config

import (
	"fmt"
	"strings"
)

// Text returns the problem's line, the line of the file that it is about, and
// a caret below its column. Problems are printed and logged, so what is secret
// in that line, or may be, is taken out.
func (p Problem) Text() string {
	text := p.String()
	line, column, ok := p.Pos.excerpt()
	if !ok {
		return text
	}
	line, column = window(line, column)
	line = strings.ReplaceAll(printable(line), "\t", " ")
	number := fmt.Sprintf("%5d", p.Pos.Line)
	text += fmt.Sprintf("\n%s | %s", number, line)
	if column > 0 {
		text += fmt.Sprintf("\n%s | %s^", strings.Repeat(" ", len(number)), strings.Repeat(" ", column-1))
	}
	return text
}

// excerpt returns the line of a place, without secrets, and the column in it.
func (p Pos) excerpt() (line string, column int, ok bool) {
	if p.source == nil || p.source.closed || p.Line == 0 {
		return "", 0, false
	}
	line, ok = p.source.line(p.Line)
	if !ok || strings.TrimSpace(line) == "" {
		return "", 0, false
	}
	from := p.source.secretsOf(p.Line)
	if p.secret {
		from = append(from, p.Column)
	}
	if p.source.continues(p.Line) {
		from = append(from, indent(line)+1)
	}
	shown, column := conceal(line, p.Column, from)
	if p.Column == 0 {
		column = 0
	}
	return shown, column, true
}

// window cuts a long line down to the part around a column.
func window(line string, column int) (string, int) {
	const before, most = 60, 120
	runes := []rune(line)
	if len(runes) <= most {
		return line, min(column, len(runes)+1)
	}
	from := max(0, column-1-before)
	to := min(len(runes), from+most)
	from = max(0, min(from, to-1))
	column = min(column, len(runes)+1) - from
	cut := string(runes[from:to])
	if from > 0 {
		cut, column = "…"+cut, column+1
	}
	if to < len(runes) {
		cut += "…"
	}
	return cut, column
}
