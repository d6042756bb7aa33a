package config

import "reflect"

// SecretsIn returns the values of all secrets below a Go value.
func SecretsIn(v any) []string {
	s := search{seen: map[visit]bool{}}
	s.in(reflect.ValueOf(v))
	return s.found
}

type search struct {
	seen  map[visit]bool
	found []string
}

// visit is a pointer that was followed; a struct and its first field have the
// same address.
type visit struct {
	address uintptr
	of      reflect.Type
}

func (s *search) in(v reflect.Value) {
	if !v.IsValid() {
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		s.pointer(v)
	case reflect.Interface:
		s.in(v.Elem())
	case reflect.Struct:
		if is[Secret](v) {
			s.secret(v)
			return
		}
		for i := range v.NumField() {
			s.in(v.Field(i))
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			s.in(v.Index(i))
		}
	case reflect.Map:
		for entries := v.MapRange(); entries.Next(); {
			s.in(entries.Key())
			s.in(entries.Value())
		}
	}
}

func (s *search) pointer(v reflect.Value) {
	if at := (visit{v.Pointer(), v.Type()}); !v.IsNil() && !s.seen[at] {
		s.seen[at] = true
		s.in(v.Elem())
	}
}

// secret reads a secret without Interface: the field that holds it may be
// unexported.
func (s *search) secret(v reflect.Value) {
	if value := v.Field(0); !value.IsNil() && value.Elem().Len() > 0 {
		s.found = append(s.found, value.Elem().String())
	}
}
