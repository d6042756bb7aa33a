package config

import (
	"errors"
	"math"
	"reflect"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"
)

// anything decodes into an any: map[string]any, []any, string, int, float64,
// bool, nil, and Secret for a tagged source of one.
func (d *decoder) anything(n *yaml.Node, out reflect.Value, path string) {
	if out.NumMethod() != 0 {
		panic("config: " + path + ": cannot decode into a " + out.Type().String())
	}
	if value := d.plain(n, path); value != nil {
		out.Set(reflect.ValueOf(value))
	}
}

func (d *decoder) plain(n *yaml.Node, path string) any {
	if isSource(n) || n.ShortTag() == tagSecret {
		var secret Secret
		d.secret(n, reflect.ValueOf(&secret).Elem(), path)
		return secret
	}
	if isNull(n) || !d.plainTag(n, path) {
		return nil
	}
	switch n.Kind {
	case yaml.MappingNode:
		mapping := make(map[string]any, len(n.Content)/2)
		for i := 0; i+1 < len(n.Content); i += 2 {
			name := n.Content[i].Value
			mapping[name] = d.plain(n.Content[i+1], join(path, name))
		}
		return mapping
	case yaml.SequenceNode:
		list := make([]any, len(n.Content))
		for i, item := range n.Content {
			list[i] = d.plain(item, path+"["+strconv.Itoa(i)+"]")
		}
		return list
	case yaml.ScalarNode:
		return d.plainScalar(n, path)
	}
	d.problem(n, path, "an alias that was not put in place")
	return nil
}

func (d *decoder) plainScalar(n *yaml.Node, path string) any {
	text := strings.ReplaceAll(n.Value, "_", "")
	switch n.ShortTag() {
	case "!!bool":
		var value bool
		d.boolean(n, reflect.ValueOf(&value).Elem(), path)
		return value
	case "!!int":
		i, err := strconv.ParseInt(text, 0, 64)
		switch {
		case err == nil:
			return int(i)
		case errors.Is(err, strconv.ErrRange):
			d.problem(n, path, "the number %s is out of range: write it with quotes", clip(n.Value))
		default:
			d.problem(n, path, "a whole number is expected, not %s", describe(n))
		}
		return nil
	case "!!float":
		number, err := strconv.ParseFloat(text, 64)
		if err != nil || math.IsNaN(number) || math.IsInf(number, 0) {
			d.problem(n, path, "the number %s cannot be used: write it with quotes", clip(n.Value))
			return nil
		}
		return number
	}
	if d.isTemplate(n) {
		d.problem(n, path, notTemplate)
		return nil
	}
	return n.Value
}
