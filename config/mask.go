package config

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"
)

// minSecret is the length from which a value is masked: masking shorter ones
// would garble every text, and such a secret is none.
const minSecret = 4

// Masker replaces known secrets by ***. Its zero value is ready; it may be
// used concurrently.
type Masker struct {
	mu       sync.RWMutex
	patterns [][]byte // longest first
}

// Add makes values known: as they are, line by line, and as base64, URLs,
// JSON, shells and SQL would write them.
func (m *Masker) Add(values ...string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	known := map[string]bool{}
	for _, p := range m.patterns {
		known[string(p)] = true
	}
	for _, value := range values {
		for _, form := range forms(value) {
			if len(form) >= minSecret && !known[form] {
				known[form] = true
				m.patterns = append(m.patterns, []byte(form))
			}
		}
	}
	slices.SortFunc(m.patterns, func(a, b []byte) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), bytes.Compare(a, b))
	})
}

// Mask returns text without the known secrets, in all their forms. Where
// secrets overlap, all of what they cover is replaced.
func (m *Masker) Mask(text []byte) []byte {
	m.mu.RLock()
	defer m.mu.RUnlock()
	type span struct{ from, to int }
	var spans []span
	for _, p := range m.patterns {
		for from := 0; ; {
			at := bytes.Index(text[from:], p)
			if at < 0 {
				break
			}
			spans = append(spans, span{from + at, from + at + len(p)})
			from += at + 1
		}
	}
	if len(spans) == 0 {
		return text
	}
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.from, b.from) })
	var masked []byte
	end := 0
	for _, s := range spans {
		if s.from > end || end == 0 {
			masked = append(append(masked, text[end:s.from]...), hidden...)
		}
		end = max(end, s.to)
	}
	return append(masked, text[end:]...)
}

// forms returns the ways in which a value can appear in a text.
func forms(value string) []string {
	if len(value) < minSecret {
		return nil
	}
	list := []string{value}
	for _, line := range strings.FieldsFunc(value, breaks) {
		if line = strings.TrimSpace(line); line != value && len(line) >= minSecret {
			list = append(list, line)
		}
	}
	for _, plain := range slices.Clone(list) {
		list = append(list, written(plain)...)
	}
	return list
}

// breaks says whether writers of some kind begin a new line at a character.
func breaks(r rune) bool {
	return r == '\n' || r == '\r' || r == 0x85 || r == 0x2028 || r == 0x2029
}

func written(value string) []string {
	list := []string{
		url.QueryEscape(value), url.PathEscape(value),
		strings.ReplaceAll(value, `'`, `'\''`),
		strings.ReplaceAll(value, `'`, `'"'"'`),
		strings.ReplaceAll(value, `'`, `''`),
		strings.ReplaceAll(strings.ReplaceAll(value, `\`, `\\`), `'`, `''`),
		strings.ReplaceAll(strings.ReplaceAll(value, `\`, `\\`), `'`, `\'`),
		shellEscape(value),
		trimQuotes(strconv.Quote(value)),
	}
	for _, html := range []bool{true, false} {
		var text bytes.Buffer
		encoder := json.NewEncoder(&text)
		encoder.SetEscapeHTML(html)
		if encoder.Encode(value) == nil {
			list = append(list, trimQuotes(strings.TrimSpace(text.String())))
		}
	}
	list = append(list, trimQuotes(strconv.QuoteToASCII(value)), trimQuotes(fmt.Sprintf("%+q", value)))
	list = append(list, inYAML(value)...)
	for _, form := range slices.Clone(list) {
		if upper := upperHex(form); upper != form {
			list = append(list, upper)
		}
	}
	return append(list, inBase64(value)...)
}

// inYAML returns the value as the library would write it, in any style: it
// escapes what it takes for unprintable (an emoji, U+2028) in its own way.
func inYAML(value string) []string {
	var list []string
	for _, style := range []yaml.Style{0, yaml.DoubleQuotedStyle, yaml.SingleQuotedStyle} {
		text, err := yaml.Marshal(&yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value, Style: style})
		if err != nil {
			continue
		}
		// A key before it and the line's length change how long texts are folded:
		// their lines are known one by one.
		form := strings.TrimSpace(string(text))
		if len(form) > 2 && (form[0] == '"' || form[0] == '\'') {
			form = trimQuotes(form)
		}
		if !strings.Contains(form, "\n") {
			list = append(list, form)
		}
	}
	return list
}

var hexEscape = regexp.MustCompile(`\\x[0-9a-f]{2}|\\u[0-9a-f]{4}|\\U[0-9a-f]{8}|%[0-9a-fA-F]{2}`)

// upperHex writes the digits of escapes in capitals, as other programs do.
func upperHex(text string) string {
	return hexEscape.ReplaceAllStringFunc(text, func(escape string) string {
		if escape[0] == '%' {
			return strings.ToLower(escape)
		}
		return escape[:2] + strings.ToUpper(escape[2:])
	})
}

func trimQuotes(text string) string { return text[1 : len(text)-1] }

// shellEscape writes a value as a shell word in double quotes.
func shellEscape(value string) string {
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, "$", `\$`, "`", "\\`").Replace(value)
}

// inBase64 returns the value in base64, alone and within a longer text
// (user:password), where it can begin at three places of a group: there the
// first characters hold foreign bits too.
func inBase64(value string) []string {
	var list []string
	for _, encoding := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		list = append(list, encoding.EncodeToString([]byte(value)))
		if len(value) < 8 {
			continue
		}
		for offset, foreign := range []int{0, 2, 3} {
			padded := append(make([]byte, offset), value...)
			text := encoding.EncodeToString(padded)[foreign:]
			if len(padded)%3 != 0 {
				text = text[:len(text)-1] // holds bits of what follows
			}
			list = append(list, text)
		}
	}
	return list
}
