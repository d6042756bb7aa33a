package inventory

import (
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/pgrun/pgrun/config"
	"gopkg.in/yaml.v3"
)

// extras reads -e.
func (l *loader) extras(extra []string) {
	for _, text := range extra {
		text = strings.TrimSpace(text)
		var n *yaml.Node
		switch {
		case text == "":
			continue
		case !utf8.ValidString(text):
			l.inv.Files.Parse("-e", []byte(text), l.problems) // tells where
		case text[0] == '@':
			n = l.inv.Files.LoadVars(text[1:], l.problems)
		case text[0] == '{' || text[0] == '[':
			n = l.inv.Files.Parse("-e", []byte(text), l.problems)
		default:
			n = l.pairs(text)
		}
		switch {
		case n == nil:
			l.broken()
		case n.Kind != yaml.MappingNode:
			l.problem(n, "", "-e takes variables: name=value, {name: value} or @file")
		default:
			l.inv.extra = append(l.inv.extra, layer{"-e", n})
		}
	}
}

// pairs reads name=value ..., split like a shell does. The values are texts.
func (l *loader) pairs(text string) *yaml.Node {
	words, err := split(text)
	if err != nil {
		l.problems.Add(config.Pos{File: "-e"}, "", "%v", err)
		return nil
	}
	var written []string
	for i, word := range words {
		name, value, ok := strings.Cut(word, "=")
		if !ok || name == "" {
			l.noVariable(i, word)
			return nil
		}
		if section, key, ok := strings.Cut(name, "."); ok {
			l.problems.Add(config.Pos{File: "-e"}, "", "%q is no name for a variable: write -e '{%s: {%s: ...}}'", name, section, key)
			return nil
		}
		quotedName, _ := json.Marshal(name)
		quotedValue, _ := json.Marshal(value)
		written = append(written, string(quotedName)+": "+string(quotedValue))
	}
	return l.inv.Files.Parse("-e", []byte("{"+strings.Join(written, ", ")+"}"), l.problems)
}

// noVariable reports a word of -e. What follows an assignment may be the rest
// of a secret, and is not shown.
func (l *loader) noVariable(at int, word string) {
	pos := config.Pos{File: "-e"}
	if at > 0 {
		l.problems.Add(pos, "", "word %d is no variable: write name=value, with quotes around a value that has spaces", at+1)
		return
	}
	l.problems.Add(pos, "", "%q is no variable: write name=value, {name: value} or @file", word)
}
