// Package command is pgrun's command line: one file a verb.
//
//	pgrun PLAYBOOK [flags]     run a playbook, a file or a built-in one
//	pgrun init                 write a commented starter inventory
//	pgrun inventory            show what the inventory says
//	pgrun version
//
// Flags have Ansible's letters where Ansible has them, and stand before or
// after the playbook. Results go to stdout, diagnostics to stderr. Exit codes
// are those of report.ExitCode; what is wrong with flags, inventory or playbook
// is 4, and no host was contacted then.
package command
