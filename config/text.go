package config

import (
	"encoding"
	"net/netip"
	"reflect"
	"time"

	"gopkg.in/yaml.v3"
)

func (d *decoder) duration(n *yaml.Node, out reflect.Value, path string) {
	const how = "write a time with its unit: 30s, 5m, 1h"
	if n.Kind == yaml.ScalarNode {
		if duration, err := time.ParseDuration(n.Value); err == nil {
			out.SetInt(int64(duration))
			return
		}
		if tag := n.ShortTag(); tag == "!!int" || tag == "!!float" {
			d.problem(n, path, "the number %s has no unit: write %ss for seconds, %sm for minutes", clip(n.Value), clip(n.Value), clip(n.Value))
			return
		}
	}
	d.problem(n, path, "a time is expected, not %s: %s", describe(n), how)
}

// text decodes into what has UnmarshalText.
func (d *decoder) text(n *yaml.Node, out reflect.Value, path string) {
	what := "a text"
	switch out.Interface().(type) {
	case netip.Addr:
		what = "an IP address"
	case netip.Prefix:
		what = "a network like 10.0.0.0/16"
	case netip.AddrPort:
		what = "an address with a port like 10.0.0.1:5432"
	}
	if n.Kind != yaml.ScalarNode {
		d.problem(n, path, "%s is expected, not %s", what, describe(n))
		return
	}
	err := unmarshalText(out, n.Value)
	if err == nil {
		return
	}
	if what == "a text" {
		d.problem(n, path, "%v", err)
		return
	}
	d.problem(n, path, "%s is expected, not %s", what, describe(n))
}

// unmarshalText leaves out as it was when the text is wrong.
func unmarshalText(out reflect.Value, text string) error {
	fresh := reflect.New(out.Type())
	fresh.Elem().Set(out)
	if err := fresh.Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text)); err != nil {
		return err
	}
	out.Set(fresh.Elem())
	return nil
}
