package main

import (
	"encoding"
	"net/netip"
	"reflect"
	"slices"
	"time"

	"github.com/pgrun/pgrun/config"
	"gopkg.in/yaml.v3"
)

// isScalar says whether a type is written as one word, though it may be a struct.
func isScalar(t reflect.Type) bool {
	if t == reflect.TypeFor[yaml.Node]() || t == reflect.TypeFor[config.Secret]() {
		return true
	}
	return readsText(t) && !hasKeys(t)
}

func readsText(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// hasKeys says whether a struct may be written as a mapping.
func hasKeys(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && slices.ContainsFunc(reflect.VisibleFields(t), func(f reflect.StructField) bool { return f.Tag.Get("yaml") != "" })
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
	if readsText(t) {
		return "text or mapping"
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
	case "text or mapping":
		return "texts or mappings"
	case "true or false":
		return name
	}
	return name + "s"
}
