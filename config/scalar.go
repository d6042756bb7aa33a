package config

import (
	"encoding"
	"fmt"
	"math"
	"net/netip"
	"reflect"
	"strconv"
	"strings"
	"time"

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
	return n.Value, true
}

func (d *decoder) boolean(n *yaml.Node, out reflect.Value, path string) {
	if n.ShortTag() == "!!bool" {
		out.SetBool(strings.EqualFold(n.Value, "true"))
		return
	}
	switch strings.ToLower(n.Value) {
	case "yes", "on", "y", "1", "true":
		d.problem(n, path, "true or false is expected, not %s: write true", describe(n))
	case "no", "off", "n", "0", "false":
		d.problem(n, path, "true or false is expected, not %s: write false", describe(n))
	default:
		d.problem(n, path, "true or false is expected, not %s", describe(n))
	}
}

func (d *decoder) integer(n *yaml.Node, out reflect.Value, path string) {
	text := strings.ReplaceAll(n.Value, "_", "")
	if n.ShortTag() != "!!int" {
		if _, err := strconv.ParseInt(text, 10, 64); err == nil && n.ShortTag() == "!!str" {
			d.problem(n, path, "a whole number is expected, not %s: write it without quotes", describe(n))
			return
		}
		d.problem(n, path, "a whole number is expected, not %s", describe(n))
		return
	}
	if digits := strings.TrimLeft(text, "+-"); len(digits) > 1 && digits[0] == '0' && digits[1] >= '0' && digits[1] <= '9' {
		d.problem(n, path, "the number %s begins with 0, which some readers take for octal: write it without", clip(n.Value))
		return
	}
	if out.CanInt() {
		i, err := strconv.ParseInt(text, 0, 64)
		if err == nil && !out.OverflowInt(i) {
			out.SetInt(i)
			return
		}
	} else if u, err := strconv.ParseUint(strings.TrimPrefix(text, "+"), 0, 64); err == nil && !out.OverflowUint(u) {
		out.SetUint(u)
		return
	}
	d.problem(n, path, "the number %s is out of range: %s", clip(n.Value), span(out))
}

// span names the values that an integer can take.
func span(out reflect.Value) string {
	bits := out.Type().Bits()
	if out.CanInt() {
		return fmt.Sprintf("%d to %d", int64(math.MinInt64)>>(64-bits), int64(math.MaxInt64)>>(64-bits))
	}
	return fmt.Sprintf("0 to %d", uint64(math.MaxUint64)>>(64-bits))
}

func (d *decoder) float(n *yaml.Node, out reflect.Value, path string) {
	number, err := strconv.ParseFloat(strings.ReplaceAll(n.Value, "_", ""), 64)
	tag := n.ShortTag()
	if tag != "!!int" && tag != "!!float" || err != nil || math.IsNaN(number) || math.IsInf(number, 0) {
		d.problem(n, path, "a number is expected, not %s", describe(n))
		return
	}
	out.SetFloat(number)
}

func (d *decoder) duration(n *yaml.Node, out reflect.Value, path string) {
	const how = "write a time with its unit: 30s, 5m, 1h"
	if n.Kind == yaml.ScalarNode {
		if duration, err := time.ParseDuration(n.Value); err == nil {
			out.SetInt(int64(duration))
			return
		}
		if tag := n.ShortTag(); tag == "!!int" || tag == "!!float" {
			d.problem(n, path, "the number %s has no unit: write %ss for seconds, %sm for minutes", clip(n.Value), clip(n.Value), clip(n.Value))
			return
		}
	}
	d.problem(n, path, "a time is expected, not %s: %s", describe(n), how)
}

// text decodes into what has UnmarshalText.
func (d *decoder) text(n *yaml.Node, out reflect.Value, path string) {
	what := "a text"
	switch out.Interface().(type) {
	case netip.Addr:
		what = "an IP address"
	case netip.Prefix:
		what = "a network like 10.0.0.0/16"
	case netip.AddrPort:
		what = "an address with a port like 10.0.0.1:5432"
	}
	if n.Kind != yaml.ScalarNode {
		d.problem(n, path, "%s is expected, not %s", what, describe(n))
		return
	}
	err := unmarshalText(out, n.Value)
	if err == nil {
		return
	}
	if what == "a text" {
		d.problem(n, path, "%v", err)
		return
	}
	d.problem(n, path, "%s is expected, not %s", what, describe(n))
}

// unmarshalText leaves out as it was when the text is wrong.
func unmarshalText(out reflect.Value, text string) error {
	fresh := reflect.New(out.Type())
	fresh.Elem().Set(out)
	if err := fresh.Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text)); err != nil {
		return err
	}
	out.Set(fresh.Elem())
	return nil
}
