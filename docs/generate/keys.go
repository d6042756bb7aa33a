package main

import (
	"encoding"
	"fmt"
	"net/netip"
	"reflect"
	"strings"
	"time"

	"github.com/pgrun/pgrun/config"
	"gopkg.in/yaml.v3"
)

// key is a key of a section.
type key struct {
	Name    string // "databases[].name"
	Type    string
	Default string // "" where its own keys have theirs
	Meaning string
}

// keysOf lists the keys of a struct, and below each those of its own structs.
func keysOf(c *comments, v reflect.Value, prefix string) ([]key, error) {
	var keys []key
	t := v.Type()
	for i := range t.NumField() {
		f := t.Field(i)
		name, option, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if !f.IsExported() || name == "-" {
			continue
		}
		find := fieldKeys
		if option == "inline" {
			find = inlineKeys
		}
		found, err := find(c, t, f, v.Field(i), prefix+name)
		if err != nil {
			return nil, err
		}
		keys = append(keys, found...)
	}
	return keys, nil
}

// inlineKeys lists the keys of a struct that has none of its own.
func inlineKeys(c *comments, _ reflect.Type, _ reflect.StructField, v reflect.Value, prefix string) ([]key, error) {
	return keysOf(c, v, prefix)
}

// fieldKeys lists a field's key and the keys below it.
func fieldKeys(c *comments, t reflect.Type, f reflect.StructField, v reflect.Value, name string) ([]key, error) {
	prefix, last := split(name)
	if last == "" {
		return nil, fmt.Errorf("%s.%s has no yaml tag", t, f.Name)
	}
	meaning, err := c.of(t.PkgPath(), t.Name(), f.Name)
	if err != nil {
		return nil, err
	}
	if meaning == "" {
		return nil, fmt.Errorf("%s.%s has no comment: it would have no meaning in the reference", t, f.Name)
	}
	below, err := keysBelow(c, v, name)
	if err != nil {
		return nil, err
	}
	k := key{Name: name, Type: typeName(f.Type), Meaning: called(meaning, f.Name, last)}
	listed := strings.ContainsAny(prefix, "[<") // New makes no entries to have defaults
	if !listed && (f.Type.Kind() != reflect.Struct || len(below) == 0) {
		k.Default = defaultText(v)
	}
	return append([]key{k}, below...), nil
}

// split takes the last key off a path.
func split(path string) (prefix, last string) {
	dot := strings.LastIndexByte(path, '.')
	return path[:dot+1], path[dot+1:]
}

// keysBelow lists the keys of the struct that a value is or holds.
func keysBelow(c *comments, v reflect.Value, name string) ([]key, error) {
	t := v.Type()
	for {
		switch {
		case isScalar(t):
			return nil, nil
		case t.Kind() == reflect.Struct:
			if v.Type() != t { // of what is in lists and mappings there are no defaults
				v = reflect.New(t).Elem()
			}
			return keysOf(c, v, name+".")
		case t.Kind() == reflect.Slice:
			name += "[]"
		case t.Kind() == reflect.Map:
			name += ".<name>"
		case t.Kind() != reflect.Pointer:
			return nil, nil
		}
		t = t.Elem()
	}
}

// isScalar says whether a type is written as one word, though it may be a struct.
func isScalar(t reflect.Type) bool {
	if t == reflect.TypeFor[yaml.Node]() || t == reflect.TypeFor[config.Secret]() {
		return true
	}
	return reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

func typeName(t reflect.Type) string {
	switch t {
	case reflect.TypeFor[config.Secret]():
		return "secret"
	case reflect.TypeFor[time.Duration]():
		return "duration"
	case reflect.TypeFor[netip.Prefix]():
		return "network"
	case reflect.TypeFor[netip.Addr]():
		return "address"
	}
	if isScalar(t) {
		return "text"
	}
	switch t.Kind() {
	case reflect.Pointer:
		return typeName(t.Elem())
	case reflect.Slice:
		return "list of " + plural(typeName(t.Elem()))
	case reflect.Map:
		return "mapping of names to " + plural(typeName(t.Elem()))
	}
	return kindName(t.Kind())
}

func kindName(k reflect.Kind) string {
	switch {
	case k == reflect.Bool:
		return "true or false"
	case k >= reflect.Int && k <= reflect.Uint64:
		return "whole number"
	case k == reflect.Float32 || k == reflect.Float64:
		return "number"
	case k == reflect.Struct:
		return "mapping"
	case k == reflect.Interface:
		return "value"
	}
	return "text"
}

func plural(name string) string {
	switch name {
	case "text":
		return "texts"
	case "address":
		return "addresses"
	case "true or false":
		return name
	}
	return name + "s"
}

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

// called gives a comment that begins with the field's name the key's.
func called(comment, field, name string) string {
	if rest, ok := strings.CutPrefix(comment, field+" "); ok {
		return "`" + name + "` " + rest
	}
	return comment
}
