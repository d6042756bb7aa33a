package playbooks

import "github.com/pgrun/pgrun/config"

// Playbook is a parsed playbook, its imports in place.
type Playbook struct {
	Path    string // as it was named
	BuiltIn bool   // it is the one that pgrun carries
	Plays   []Play
}

// Play is a play: roles and actions for the hosts of a pattern.
type Play struct {
	Name           string // its pattern, when it has no name
	Hosts          string // pattern
	Roles          []RoleEntry
	Serial         Serial
	AnyErrorsFatal bool
	Tags           []string // its own, and those of the import that brought it
	Pos            config.Pos
	HostsPos       config.Pos // of the pattern
	SerialPos      config.Pos
}

// RoleEntry is a role of a play, or one of its actions.
type RoleEntry struct {
	Role   string
	Action string   // "": Apply
	Tags   []string // its own and those of its play
	With   []string // variables of the action that -e may give
	Pos    config.Pos
	// ActionPos is the place of the action's name.
	ActionPos config.Pos
	WithPos   config.Pos
}

// String names the entry as operators do: "etcd" or "etcd: restart".
func (e RoleEntry) String() string {
	if e.Action == "" {
		return e.Role
	}
	return e.Role + ": " + e.Action
}
