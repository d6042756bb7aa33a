package config

import (
	"reflect"
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// aName is a text that can be the name of something.
var aName = regexp.MustCompile(`^[\w.-]+$`)

func (d *decoder) structure(n *yaml.Node, out reflect.Value, path string) {
	if n.Kind != yaml.MappingNode {
		hint := ""
		if _, named := d.of(out.Type()).index["name"]; named && n.Kind == yaml.ScalarNode && aName.MatchString(n.Value) {
			hint = ": write {name: " + clip(n.Value) + "}"
		}
		d.problem(n, path, "a mapping (key: value) is expected, not %s%s", describe(n), hint)
		return
	}
	known := d.of(out.Type())
	for i := 0; i+1 < len(n.Content); i += 2 {
		name, value := n.Content[i], n.Content[i+1]
		if index, ok := known.index[name.Value]; ok {
			d.value(value, out.FieldByIndex(index), join(path, name.Value))
			continue
		}
		if known.rest != nil {
			d.entry(name, value, out.FieldByIndex(known.rest), path)
			continue
		}
		d.unknown(n, i, out, path)
	}
}

// unknown reports a key that a structure does not have. After a secret without
// quotes it may be the rest of that.
func (d *decoder) unknown(n *yaml.Node, at int, out reflect.Value, path string) {
	name, known := n.Content[at], d.of(out.Type())
	if d.restOfSecret(n, at, out) {
		pos := d.files.Pos(name)
		pos.secret = true
		d.problems.Add(pos, path, "a secret with a comma in it: write quotes around it")
		return
	}
	key, value, colon := strings.Cut(name.Value, ":")
	near := Nearest(name.Value, known.names)
	if near == "" {
		near = abbreviated(name.Value, known.names)
	}
	pos := d.files.Pos(name)
	switch {
	case colon && isNull(n.Content[at+1]) && slices.Contains(known.names, key):
		if SoundsSecret(key) {
			value, pos.secret = "...", true
		}
		d.problems.Add(pos, path, "a space is missing after the colon: write %s: %s", key, clip(value))
		d.problems.Explain(join(path, key))
	case near != "":
		d.problems.Add(pos, path, "unknown key %q (did you mean %q?)", clip(name.Value), near)
		d.problems.Explain(join(path, near))
	default:
		d.problems.Add(pos, path, "unknown key %q%s", clip(name.Value), unknownAmong(known.names, path))
		d.problems.Explain(path)
	}
}

// restOfSecret says whether a key is what stands behind the comma of a secret
// that has no quotes.
func (d *decoder) restOfSecret(n *yaml.Node, at int, out reflect.Value) bool {
	if at < 2 || !isNull(n.Content[at+1]) || n.Content[at-1].Line != n.Content[at].Line {
		return false
	}
	index, ok := d.of(out.Type()).index[n.Content[at-2].Value]
	return ok && is[Secret](out.FieldByIndex(index))
}

// unknownAmong lists the keys that there are, or says who does.
func unknownAmong(names []string, path string) string {
	if list := DidYouMean("", names); list != "" {
		return list
	}
	return reference(path)
}

// reference is where to read what a section may hold.
func reference(path string) string {
	if at := strings.IndexAny(path, ".["); at >= 0 {
		path = path[:at]
	}
	if path == "" {
		return ""
	}
	return ": pgrun role " + path + " says what it takes"
}
