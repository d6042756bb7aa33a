package main

import (
	"reflect"
	"strings"
	"time"

	"github.com/pgrun/pgrun/config"
	"gopkg.in/yaml.v3"
)

// defaultText writes a value as it would stand in the inventory.
func defaultText(v reflect.Value) string {
	for v.Kind() == reflect.Pointer {
		if v.IsNil() {
			return "none"
		}
		v = v.Elem()
	}
	if v.Type() == reflect.TypeFor[config.Secret]() {
		return "none"
	}
	if d, ok := v.Interface().(time.Duration); ok {
		return "`" + duration(d) + "`"
	}
	if v.IsZero() && isScalar(v.Type()) {
		return "none"
	}
	var node yaml.Node
	if err := node.Encode(v.Interface()); err != nil {
		return "none"
	}
	flow(&node)
	text, err := yaml.Marshal(&node)
	if err != nil {
		return "none"
	}
	return "`" + strings.TrimSpace(string(text)) + "`"
}

func flow(n *yaml.Node) {
	if n.Kind == yaml.SequenceNode || n.Kind == yaml.MappingNode {
		n.Style = yaml.FlowStyle
	}
	for _, below := range n.Content {
		flow(below)
	}
}

// duration is 1h where time.Duration says 1h0m0s.
func duration(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}
