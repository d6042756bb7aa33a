package config

import (
	"reflect"
	"regexp"

	"gopkg.in/yaml.v3"
)

// tagSecret marks a value that Resolve found.
const tagSecret = "!secret"

var envName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// isSource says whether a node names where a secret comes from.
func isSource(n *yaml.Node) bool {
	switch n.ShortTag() {
	case "!env", "!file", "!command", "!vault", "!vault-encrypted":
		return true
	}
	return false
}

// secret decodes a secret. One that names its source is set, but its value is
// not known before Resolve.
func (d *decoder) secret(n *yaml.Node, out reflect.Value, path string) {
	if isSource(n) {
		if fault := sourceFault(n); fault != "" {
			d.problem(n, path, "%s", fault)
			return
		}
		out.Set(reflect.ValueOf(Secret{unresolved: true}))
		return
	}
	if n.ShortTag() == tagSecret && n.Kind == yaml.ScalarNode {
		out.Set(reflect.ValueOf(NewSecret(n.Value)))
		return
	}
	if !d.plainTag(n, path) {
		return
	}
	if n.Kind != yaml.ScalarNode {
		kind := "a list"
		if n.Kind == yaml.MappingNode {
			kind = "a mapping"
		}
		d.problem(n, path, "a secret is expected, not %s: write !env NAME, !file path or !command [argv]", kind)
		return
	}
	pos := d.files.Pos(n)
	pos.secret = true
	switch n.ShortTag() {
	case "!!bool", "!!int", "!!float":
		d.problems.Add(pos, path, "a secret is a text: write it with quotes, or take it from !env, !file or !command")
		return
	}
	out.Set(reflect.ValueOf(NewSecret(n.Value)))
	if n.Value != "" {
		d.problems.Warn(pos, path, "a secret in plain text: take it from !env NAME, !file path or !command [argv]")
	}
}

// sourceFault says what is wrong with how a source is written.
func sourceFault(n *yaml.Node) string {
	fault := ""
	switch n.ShortTag() {
	case "!env":
		if !envName.MatchString(n.Value) {
			fault = "!env takes the name of an environment variable: !env PGPASSWORD"
		}
	case "!file":
		if n.Value == "" {
			fault = "!file takes a path: !file secrets/replication"
		}
	case "!command":
		fault = commandFault(n)
	default:
		fault = "!vault is not read by this version: take the secret from !env, !file or !command"
	}
	return fault
}

func commandFault(n *yaml.Node) string {
	if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
		return "!command takes a list of arguments, not a line: !command [pass, show, db/replication]"
	}
	for _, argument := range n.Content {
		if argument.Kind != yaml.ScalarNode || isNull(argument) {
			return "each argument of !command is a text"
		}
	}
	return ""
}
