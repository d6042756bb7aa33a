// Package playbooks parses plays and holds the built-in ones.
package playbooks

import "github.com/pgrun/pgrun/config"

// Play is a play.
type Play struct {
	Name           string
	Hosts          string // pattern
	Roles          []RoleEntry
	Serial         int // 0: all at once
	AnyErrorsFatal bool
	Tags           []string
	Pos            config.Pos
}

// RoleEntry is a role of a play, or one of its actions.
type RoleEntry struct {
	Role   string
	Action string // "": Apply
	Tags   []string
	Pos    config.Pos
}

// Playbook is a parsed playbook, its imports in place.
type Playbook struct {
	Path    string
	BuiltIn bool
	Plays   []Play
}

// Load reads a playbook file, or the built-in one of that name when there is
// no such file.
func Load(path string, files *config.Files, p *config.Problems) *Playbook { panic("pending") }
