package playbooks

import (
	"fmt"
	"slices"

	"gopkg.in/yaml.v3"
)

func (l *loader) roles(n *yaml.Node, inherited []string) []RoleEntry {
	if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
		l.problem(n, "roles", "must be a list of roles: a name, or {role: patroni, action: restart}")
		return nil
	}
	var entries []RoleEntry
	for i, item := range n.Content {
		if entry, ok := l.role(item, fmt.Sprintf("roles[%d]", i), inherited); ok {
			entries = append(entries, entry)
		}
	}
	return entries
}

func (l *loader) role(n *yaml.Node, path string, inherited []string) (RoleEntry, bool) {
	entry := RoleEntry{Pos: l.files.Pos(n), Tags: slices.Clone(inherited)}
	if n.Kind != yaml.MappingNode {
		name, ok := l.text(n, path, "the name of a role, or {role: patroni, action: restart}")
		entry.Role = name
		return entry, ok
	}
	known := l.pairs(n, path, roleKeys(), refusedRoleKey)
	for _, p := range known {
		switch p.name {
		case "role":
			entry.Role, _ = l.text(p.value, join(path, "role"), "the name of a role")
			entry.Pos = l.files.Pos(p.value)
		case "action":
			entry.Action, _ = l.text(p.value, join(path, "action"), "the name of an action; leave it out to apply the role")
			entry.ActionPos = l.files.Pos(p.value)
		case "with":
			for _, parameter := range l.texts(p.value, join(path, "with"), "a variable of the action") {
				entry.With = append(entry.With, parameter.text)
			}
			entry.WithPos = l.files.Pos(p.value)
		case "tags":
			entry.Tags = append(entry.Tags, l.tags(p.value, join(path, "tags"))...)
		}
	}
	if !has(known, "role") && 2*len(known) == len(n.Content) {
		l.problem(n, path, "the entry names no role; write {role: patroni, action: restart}")
	}
	return entry, entry.Role != ""
}
