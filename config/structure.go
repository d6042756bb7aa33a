package config

import (
	"reflect"

	"gopkg.in/yaml.v3"
)

func (d *decoder) structure(n *yaml.Node, out reflect.Value, path string) {
	if n.Kind != yaml.MappingNode {
		d.problem(n, path, "a mapping (key: value) is expected, not %s", describe(n))
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
	if at > 1 && isNull(n.Content[at+1]) && n.Content[at-1].Line == name.Line {
		if index, ok := known.index[n.Content[at-2].Value]; ok && is[Secret](out.FieldByIndex(index)) {
			pos := d.files.Pos(name)
			pos.secret = true
			d.problems.Add(pos, path, "a secret with a comma in it: write quotes around it")
			return
		}
	}
	d.problems.Add(d.files.Pos(name), path, "unknown key %q%s", clip(name.Value), DidYouMean(name.Value, known.names))
}
