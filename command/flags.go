package command

import "github.com/urfave/cli/v2"

func inventoryFlag() cli.Flag {
	return &cli.StringSliceFlag{Name: "inventory", Aliases: []string{"i"}}
}

func extraFlag() cli.Flag {
	return &cli.StringSliceFlag{Name: "extra-vars", Aliases: []string{"e"}}
}

func runFlags() []cli.Flag {
	return []cli.Flag{
		inventoryFlag(), extraFlag(),
		&cli.StringFlag{Name: "limit", Aliases: []string{"l"}},
		&cli.StringSliceFlag{Name: "tags", Aliases: []string{"t"}},
		&cli.StringSliceFlag{Name: "skip-tags"},

		&cli.BoolFlag{Name: "check", Aliases: []string{"C"}},
		&cli.BoolFlag{Name: "no-restart"},
		&cli.DurationFlag{Name: "max-outage"},
		&cli.BoolFlag{Name: "local"},
		&cli.StringFlag{Name: "as"},
		&cli.BoolFlag{Name: "list-hosts"},
		&cli.BoolFlag{Name: "list-tasks"},
		&cli.BoolFlag{Name: "syntax-check"},

		&cli.StringFlag{Name: "user", Aliases: []string{"u"}},
		&cli.StringFlag{Name: "private-key", Aliases: []string{"key-file"}},
		&cli.BoolFlag{Name: "accept-new-host-keys"},
		&cli.IntFlag{Name: "forks", Aliases: []string{"f"}, Value: 50},

		&cli.BoolFlag{Name: "diff", Aliases: []string{"D"}},
		&cli.BoolFlag{Name: "verbose", Aliases: []string{"v"}},
		&cli.StringFlag{Name: "output", Value: "text"},
		&cli.StringFlag{Name: "log-file"},
	}
}

// refusedFlag says why a flag of ansible-playbook is not taken; "" for those
// that it does not have either.
func refusedFlag(name string) string {
	switch name {
	case "K", "ask-become-pass", "become-password-file", "become-pass-file":
		return "a password for sudo comes later; for now sudo must not ask for one"
	case "k", "ask-pass", "connection-password-file", "conn-pass-file":
		return "no password is asked for: write ansible_password: !env NAME into the inventory, or use a key or an agent"
	case "J", "vault-password-file", "vault-pass-file", "vault-id", "ask-vault-pass", "ask-vault-password":
		return "vault comes later; write secrets as !env NAME, !file PATH or !command [...] in the inventory"
	case "b", "become", "become-user", "become-method":
		return "not needed: pgrun works as root through sudo"
	case "c", "connection":
		return "use --local on the host itself"
	case "ssh-common-args", "ssh-extra-args", "scp-extra-args", "sftp-extra-args":
		return "write ansible_ssh_common_args into the inventory, or use ~/.ssh/config"
	case "start-at-task", "step":
		return "every run may begin at the beginning: what is as described is left alone"
	case "force-handlers", "flush-cache", "M", "module-path":
		return "Ansible's, and not supported"
	}
	return otherName(name)
}

// otherName says what pgrun has in place of a flag.
func otherName(name string) string {
	switch name {
	case "T", "timeout":
		return "write ansible_timeout, in seconds, into the inventory"
	case "list-tags":
		return "--list-tasks shows the tags of each role"
	case "inventory-file":
		return "write --inventory"
	case "subset":
		return "write --limit"
	case "limit", "l": // of pgrun inventory
		return "pgrun inventory shows all hosts; --host HOST and --explain HOST show one"
	case "vars", "yaml", "y", "toml", "export":
		return "--host HOST shows a host's variables as YAML, --list all hosts as JSON"
	case "playbook-dir":
		return "run pgrun inventory in that folder"
	}
	return ""
}
