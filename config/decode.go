package config

import (
	"encoding"
	"fmt"
	"reflect"
	"time"

	"gopkg.in/yaml.v3"
)

// Decode decodes a node strictly over what into, a pointer, holds: mappings
// merge into structs and maps, lists replace, null keeps what is there. Unknown
// keys and wrong types are reported with their place and what to write instead;
// it goes on after each. path is the key path of the node ("patroni").
//
// It knows structs by their yaml tags (inline too), maps, slices, pointers,
// strings, integers, floats, true and false, time.Duration ("30s"), Secret,
// any, yaml.Node, and what has UnmarshalText (netip.Addr, netip.Prefix); a
// struct with keys that has it may be written either way.
func Decode(f *Files, n *yaml.Node, into any, path string, p *Problems) {
	out := reflect.ValueOf(into)
	if out.Kind() != reflect.Pointer || out.IsNil() {
		panic(fmt.Sprintf("config: Decode into %T, which is no pointer", into))
	}
	d := decoder{files: f, problems: p, fields: map[reflect.Type]*fields{}}
	d.value(n, out.Elem(), path)
}

// DecodeText decodes what Encode made, on the other side.
func DecodeText(text string, into any) error {
	var files Files
	var problems Problems
	if n := files.parseText(&source{name: "section", text: []byte(text), sent: true}, &problems); n != nil {
		d := decoder{files: &files, problems: &problems, fields: map[reflect.Type]*fields{}, sent: true}
		d.value(n, reflect.ValueOf(into).Elem(), "")
	}
	return problems.Err()
}

type decoder struct {
	files    *Files
	problems *Problems
	fields   map[reflect.Type]*fields
	sent     bool // Encode made it: texts that look like templates are none
}

func (d *decoder) problem(n *yaml.Node, path, format string, args ...any) {
	d.problems.add(Problem{Pos: d.files.Pos(n), Path: path, Message: fmt.Sprintf(format, args...), decoding: true})
}

func (d *decoder) value(n *yaml.Node, out reflect.Value, path string) {
	if n == nil || d.node(n, out) {
		return
	}
	if isNull(n) {
		if is[Secret](out) && d.problems.isLost(d.files.Pos(n)) {
			out.Set(reflect.ValueOf(Secret{unresolved: true}))
		}
		return
	}
	switch {
	case n.Kind == yaml.AliasNode:
		d.problem(n, path, "an alias that was not put in place")
	case is[Secret](out):
		d.secret(n, out, path)
	case out.Kind() == reflect.Pointer:
		if out.IsNil() {
			out.Set(reflect.New(out.Type().Elem()))
		}
		d.value(n, out.Elem(), path)
	case out.Kind() == reflect.Interface:
		d.anything(n, out, path)
	case d.plainTag(n, path):
		d.kind(n, out, path)
	}
}

// node keeps the node itself where the field is one.
func (d *decoder) node(n *yaml.Node, out reflect.Value) bool {
	switch {
	case is[*yaml.Node](out):
		out.Set(reflect.ValueOf(n))
	case is[yaml.Node](out):
		out.Set(reflect.ValueOf(*n))
		d.files.Adopt(out.Addr().Interface().(*yaml.Node), n)
	default:
		return false
	}
	return true
}

// is says whether a value has a type.
func is[T any](v reflect.Value) bool { return v.Type() == reflect.TypeFor[T]() }

// readsText says whether a value has UnmarshalText.
func readsText(v reflect.Value) bool {
	return reflect.PointerTo(v.Type()).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// hasKeys says whether a value may be written as a mapping too, where its text
// is the short form.
func (d *decoder) hasKeys(v reflect.Value) bool {
	return v.Kind() == reflect.Struct && len(d.of(v.Type()).names) > 0
}

func (d *decoder) kind(n *yaml.Node, out reflect.Value, path string) {
	switch {
	case readsText(out) && (n.Kind != yaml.MappingNode || !d.hasKeys(out)):
		d.text(n, out, path)
	case is[time.Duration](out):
		d.duration(n, out, path)
	case out.Kind() == reflect.Struct:
		d.structure(n, out, path)
	case out.Kind() == reflect.Map:
		d.mapping(n, out, path)
	case out.Kind() == reflect.Slice:
		d.list(n, out, path)
	default:
		d.scalar(n, out, path)
	}
}

func (d *decoder) mapping(n *yaml.Node, out reflect.Value, path string) {
	if n.Kind != yaml.MappingNode {
		d.problem(n, path, "a mapping (key: value) is expected, not %s", describe(n))
		return
	}
	if out.IsNil() {
		out.Set(reflect.MakeMapWithSize(out.Type(), len(n.Content)/2))
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		d.entry(n.Content[i], n.Content[i+1], out, path)
	}
}

// entry decodes a key and value into a map, over the value that is there.
func (d *decoder) entry(name, value *yaml.Node, out reflect.Value, path string) {
	if out.IsNil() {
		out.Set(reflect.MakeMap(out.Type()))
	}
	k := reflect.New(out.Type().Key()).Elem()
	if k.Kind() == reflect.String && !readsText(k) {
		k.SetString(name.Value)
	} else {
		var own Problems
		(&decoder{files: d.files, problems: &own, fields: d.fields, sent: d.sent}).value(name, k, path)
		for _, problem := range own.sorted(false) {
			d.problems.add(problem)
		}
		if own.Err() != nil {
			return
		}
	}
	v := reflect.New(out.Type().Elem()).Elem()
	if existing := out.MapIndex(k); existing.IsValid() {
		v.Set(existing)
	}
	d.value(value, v, join(path, name.Value))
	out.SetMapIndex(k, v)
}

func (d *decoder) list(n *yaml.Node, out reflect.Value, path string) {
	if n.Kind != yaml.SequenceNode {
		d.problem(n, path, "a list is expected, not %s: write [a, b], or a line \"- a\" for each", describe(n))
		return
	}
	items := reflect.MakeSlice(out.Type(), len(n.Content), len(n.Content))
	for i, item := range n.Content {
		at := fmt.Sprintf("%s[%d]", path, i)
		if isNull(item) && out.Type().Elem().Kind() != reflect.Interface {
			d.problem(item, at, "an item of the list is empty")
			continue
		}
		d.value(item, items.Index(i), at)
	}
	out.Set(items)
}

func join(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}
