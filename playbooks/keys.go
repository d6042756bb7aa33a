package playbooks

import "strings"

func playKeys() []string {
	return []string{"name", "hosts", "roles", "serial", "any_errors_fatal", "tags", "import_playbook"}
}

func importKeys() []string { return []string{"import_playbook", "name", "tags"} }

func roleKeys() []string { return []string{"role", "action", "with", "tags"} }

// Reasons why keys of Ansible's are not taken.
const (
	tasksLater    = "inline tasks come later; use roles and their actions"
	noVars        = "variables belong into the inventory (vars, group_vars, host_vars) or -e: a host has one configuration per run"
	alwaysRoot    = "not needed: the worker runs as root through sudo"
	noFacts       = "not needed: the worker always knows its machine"
	noHandlers    = "there are no handlers: a role reloads by itself, and restarts are an action of their own"
	byInventory   = "say how to reach hosts in the inventory (ansible_user, ansible_port, ...) or with -u and --private-key"
	byCommandLine = "use the flag of that name"
	noConditions  = "a role decides by itself what is due; choose hosts with a pattern and roles with tags"
	notThere      = "Ansible's, and not supported"
)

// refusedPlayKey says why a key of Ansible's plays is not taken; "" for keys
// that Ansible does not have either.
func refusedPlayKey(key string) string {
	switch strings.TrimPrefix(key, "ansible.builtin.") {
	case "tasks", "pre_tasks", "post_tasks", "include_tasks", "import_tasks", "include_role", "import_role", "block":
		return tasksLater
	case "include", "import", "include_playbook":
		return "write import_playbook: FILE, as an entry of its own"
	case "vars", "vars_files", "vars_prompt", "environment", "module_defaults":
		return noVars
	case "become", "become_user", "become_method", "become_flags", "become_exe":
		return alwaysRoot
	case "gather_facts", "gather_subset", "gather_timeout", "fact_path":
		return noFacts
	case "handlers", "force_handlers":
		return noHandlers
	case "remote_user", "connection", "port":
		return byInventory
	case "check_mode", "diff":
		return byCommandLine
	case "when", "run_once":
		return noConditions
	case "collections", "debugger", "ignore_errors", "ignore_unreachable", "max_fail_percentage", "no_log", "order",
		"strategy", "throttle", "timeout", "validate_argspec":
		return notThere
	}
	return ""
}

// refusedRoleKey does the same for the keys of a role entry.
func refusedRoleKey(key string) string {
	switch key {
	case "vars":
		return noVars
	case "when":
		return noConditions
	case "become", "become_user", "become_method":
		return alwaysRoot
	case "delegate_to", "delegate_facts":
		return "a role touches only its own host"
	case "name":
		return `write "role: NAME": a role is named by role`
	}
	return refusedPlayKey(key)
}
