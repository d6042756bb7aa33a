// Package inventory reads Ansible's YAML inventory: groups with hosts,
// children and vars, ranges of hosts, group_vars and host_vars beside it and
// beside the playbook, extra variables on top, and patterns that choose hosts.
//
// The variables of a host are merged as YAML nodes, mappings at every depth, in
// Ansible's order: the variables of all, those of its groups (parents before
// children, then ansible_group_priority, then name), group_vars/all, the other
// group_vars, the host's own, host_vars, and -e. Each node keeps the place at
// which it was written, so that every problem names it.
package inventory
