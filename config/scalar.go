package config

import (
	"fmt"
	"reflect"
	"regexp"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

func (d *decoder) scalar(n *yaml.Node, out reflect.Value, path string) {
	if n.Kind != yaml.ScalarNode {
		d.problem(n, path, "%s is expected, not %s", wanted(out.Kind()), describe(n))
		return
	}
	switch out.Kind() {
	case reflect.String:
		if text, ok := d.str(n, path); ok {
			out.SetString(text)
		}
	case reflect.Bool:
		d.boolean(n, out, path)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64,
		reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		d.integer(n, out, path)
	case reflect.Float32, reflect.Float64:
		d.float(n, out, path)
	default:
		panic(fmt.Sprintf("config: %s: cannot decode into a %s", path, out.Type()))
	}
}

func wanted(kind reflect.Kind) string {
	switch kind {
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	case reflect.Float32, reflect.Float64:
		return "a number"
	}
	return "a whole number"
}

// str returns a text. A whole number may stand for one, since 17 and "17" can
// only mean the same; other numbers (1.10, 0755, 1e3) and booleans would reach
// other readers of the file changed, so they need quotes.
func (d *decoder) str(n *yaml.Node, path string) (string, bool) {
	if n.Kind != yaml.ScalarNode {
		d.problem(n, path, "a text is expected, not %s", describe(n))
		return "", false
	}
	switch n.ShortTag() {
	case "!!int":
		if i, err := strconv.ParseInt(n.Value, 10, 64); err == nil && strconv.FormatInt(i, 10) == n.Value {
			return n.Value, true
		}
		fallthrough
	case "!!bool", "!!float":
		d.problem(n, path, "a text is expected, not %s: write \"%s\" with quotes", describe(n), clip(n.Value))
		return "", false
	}
	if d.isTemplate(n) {
		d.problem(n, path, notTemplate)
		return "", false
	}
	if typographic.MatchString(n.Value) {
		d.problem(n, path, "%s has typographic quotes, which YAML does not know: write \" or '", describe(n))
		return "", false
	}
	return n.Value, true
}

// typographic is a text in quotes of a word processor.
var typographic = regexp.MustCompile(`^[“”„‘’«].*[“”‘’»]$`)

func (d *decoder) boolean(n *yaml.Node, out reflect.Value, path string) {
	value := strings.ToLower(n.Value)
	if n.ShortTag() == "!!bool" && (value == "true" || value == "false") {
		out.SetBool(value == "true")
		return
	}
	switch value {
	case "yes", "on", "y", "1", "true":
		d.problem(n, path, "true or false is expected, not %s: write true", describe(n))
	case "no", "off", "n", "0", "false":
		d.problem(n, path, "true or false is expected, not %s: write false", describe(n))
	default:
		d.problem(n, path, "true or false is expected, not %s", describe(n))
	}
}
