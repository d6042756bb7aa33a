package config

import (
	"fmt"
	"reflect"
	"strings"
)

// fields are the keys of a struct.
type fields struct {
	index map[string][]int
	names []string
	rest  []int // of the inline map, which takes all other keys
}

func (d *decoder) of(t reflect.Type) *fields {
	if known, ok := d.fields[t]; ok {
		return known
	}
	known := &fields{index: map[string][]int{}}
	known.collect(t, nil)
	d.fields[t] = known
	return known
}

func (k *fields) collect(t reflect.Type, above []int) {
	for i := range t.NumField() {
		field := t.Field(i)
		name, options, _ := strings.Cut(field.Tag.Get("yaml"), ",")
		if !field.IsExported() || name == "-" {
			continue
		}
		index := append(append([]int(nil), above...), i)
		switch {
		case !strings.Contains(options, "inline"):
			if name == "" {
				name = strings.ToLower(field.Name)
			}
			k.index[name] = index
			k.names = append(k.names, name)
		case field.Type.Kind() == reflect.Struct:
			k.collect(field.Type, index)
		case field.Type.Kind() == reflect.Map:
			k.rest = index
		default:
			panic(fmt.Sprintf("config: %s.%s is inline, but neither struct nor map", t, field.Name))
		}
	}
}
