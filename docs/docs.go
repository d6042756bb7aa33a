// Package docs carries the generated reference of the roles in the binary:
// roles.md, which `go generate` writes anew from the roles' structs.
package docs

import (
	_ "embed"
	"strings"
)

//go:generate go run ./generate roles.md

// reference is that of all roles, as Markdown.
//
//go:embed roles.md
var reference string

// Role returns a role's part of the reference, as `pgrun role NAME` shows it,
// and whether it has one.
func Role(name string) (string, bool) {
	_, rest, found := strings.Cut(reference, "\n## "+name+"\n")
	if !found {
		return "", false
	}
	text, _, _ := strings.Cut(rest, "\n## ")
	return "## " + name + "\n" + text, true
}
