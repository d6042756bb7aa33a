package main

import (
	"fmt"
	"reflect"
	"strings"
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

// inlineKeys lists the keys of a struct that has none of its own. A mapping of
// all other keys is described where the struct is.
func inlineKeys(c *comments, _ reflect.Type, f reflect.StructField, v reflect.Value, prefix string) ([]key, error) {
	if f.Type.Kind() == reflect.Map {
		return nil, nil
	}
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

// called gives a comment that begins with the field's name the key's.
func called(comment, field, name string) string {
	if rest, ok := strings.CutPrefix(comment, field+" "); ok {
		return "`" + name + "` " + rest
	}
	return comment
}
