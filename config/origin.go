package config

import (
	"reflect"
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"
)

// tagSecret marks a value that Resolve found; files cannot write it.
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

// IsSource says whether a node names where a secret comes from, in the way
// that it is to be named: what stands there is no secret itself.
func IsSource(n *yaml.Node) bool {
	if n.ShortTag() == "!vault" || n.ShortTag() == "!vault-encrypted" {
		return strings.HasPrefix(strings.TrimSpace(n.Value), "$ANSIBLE_VAULT;")
	}
	return isSource(n) && sourceFault(n) == ""
}

// secret decodes a secret. One that names its source is set, but its value is
// not known before Resolve. One that is wrong is set too: it is not missing.
func (d *decoder) secret(n *yaml.Node, out reflect.Value, path string) {
	if n.ShortTag() == tagSecret && n.Kind == yaml.ScalarNode {
		out.Set(reflect.ValueOf(NewSecret(n.Value)))
		return
	}
	pos := d.files.Pos(n)
	fault := d.secretFault(n)
	switch {
	case fault != "":
		pos.secret = true
		d.problems.add(Problem{Pos: pos, Path: path, Message: fault, decoding: true})
	case !isSource(n):
		pos.conceal()
		out.Set(reflect.ValueOf(NewSecret(n.Value)))
		if n.Value != "" {
			d.problems.Warn(pos, path, "a secret in plain text: take it from !env NAME, !file path or !command [argv]")
		}
		return
	}
	out.Set(reflect.ValueOf(Secret{unresolved: true}))
}

// secretFault says what is wrong with how a secret is written, without showing
// any of it.
func (d *decoder) secretFault(n *yaml.Node) string {
	const sources = "!env NAME, !file path or !command [argv]"
	switch {
	case isSource(n):
		return sourceFault(n)
	case !isPlainTag(n):
		return "an unknown tag: write quotes around a secret that begins with !, or take it from " + sources
	case n.Kind != yaml.ScalarNode:
		return "a secret is expected, not " + kindOf(n) + ": write quotes around one that begins with a bracket, or take it from " + sources
	case d.isTemplate(n):
		return notTemplate
	}
	switch n.ShortTag() {
	case "!!bool", "!!int", "!!float":
		return "a secret is a text: write it with quotes, or take it from " + sources
	}
	return ""
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
		if argument.Kind != yaml.ScalarNode || isNull(argument) || !isPlainTag(argument) {
			return "each argument of !command is a text"
		}
	}
	return ""
}
