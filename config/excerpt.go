package config

import (
	"fmt"
	"regexp"
	"strings"
)

// secretValue is a value after a key that sounds secret; not a mapping, and
// nothing with a tag, which is no value.
var secretValue = regexp.MustCompile(`(?i)((?:pass|pasw|secret|token|credential)[\w.-]*["']?\s*[:=]\s*)[^\s,{}\[&*!][^,}]*`)

// Text returns the problem's line, the line of the file that it is about, and
// a caret below its column.
func (p Problem) Text() string {
	text := p.String()
	if p.Pos.source == nil || p.Pos.Line == 0 {
		return text
	}
	line, ok := p.Pos.source.line(p.Pos.Line)
	if !ok || strings.TrimSpace(line) == "" {
		return text
	}
	if runes := []rune(line); p.Pos.secret && p.Pos.Column <= len(runes) {
		line = string(runes[:max(p.Pos.Column-1, 0)]) + hidden
	}
	line, column := window(hideSecrets(line), p.Pos.Column)
	line = strings.ReplaceAll(printable(line), "\t", " ")
	number := fmt.Sprintf("%5d", p.Pos.Line)
	text += fmt.Sprintf("\n%s | %s", number, line)
	if column > 0 {
		text += fmt.Sprintf("\n%s | %s^", strings.Repeat(" ", len(number)), strings.Repeat(" ", column-1))
	}
	return text
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

// hideSecrets takes out values whose keys say that they are secret: problems
// are printed and logged.
func hideSecrets(line string) string { return secretValue.ReplaceAllString(line, "${1}"+hidden) }
