package modules

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// ReadOnly says whether a command is in the table of commands that change
// nothing: nil, or why it is refused. The table goes by the program's base
// name and its exact leading arguments.
func ReadOnly(c Command) error {
	if len(c.Argv) == 0 {
		return fmt.Errorf("no command")
	}
	name, args := path.Base(c.Argv[0]), c.Argv[1:]
	if allowed, known := readOnly()[name]; known && allowed(c, args) {
		return nil
	}
	return fmt.Errorf("not a read-only command: %s", strings.Join(c.Argv, " "))
}

type rule func(c Command, args []string) bool

// readOnly is the table. What can write in one of its forms has a rule that
// names the forms that cannot.
func readOnly() map[string]rule {
	return map[string]rule{
		"apt-cache":           first("policy", "show", "showpkg", "madison", "depends", "rdepends", "search"),
		"apt-get":             aptSimulated,
		"apt-mark":            first("showhold", "showmanual", "showauto"),
		"blkid":               without("-c", "-w", "--cache-file", "-g", "--garbage-collect"),
		"chronyc":             last("tracking", "sources", "sourcestats", "activity"),
		"corosync-cmapctl":    without("-s", "-d", "-D", "-p", "-c", "-C", "-q"),
		"crm_mon":             without("-d", "--daemonize", "-p", "--pid-file", "-E", "--external-agent", "-o", "--output-to"),
		"df":                  always,
		"dpkg":                first("-l", "-L", "-s", "-S", "--list", "--listfiles", "--status", "--search", "--print-architecture", "--compare-versions", "--audit", "-C"),
		"dpkg-query":          always,
		"etcd":                exactly("--version"),
		"etcdctl":             withVerb("endpoint health", "endpoint status", "endpoint hashkv", "member list", "get", "version", "alarm list", "auth status", "user list", "role list", "lease list"),
		"etcdutl":             first("version", "snapshot status", "hashkv"),
		"findmnt":             always,
		"free":                always,
		"getconf":             always,
		"getent":              always,
		"haproxy":             haproxyCheck,
		"head":                first("-c"),
		"id":                  always,
		"ip":                  ipShow,
		"journalctl":          journalRead,
		"keepalived":          first("--version", "-v", "--config-test", "-t"),
		"locale":              always,
		"localectl":           first("status", "list-locales"),
		"lsblk":               always,
		"lscpu":               always,
		"lslocks":             always,
		"lsmod":               always,
		"modinfo":             always,
		"nproc":               always,
		"openssl":             opensslRead,
		"patroni":             patroniCheck,
		"patronictl":          withVerb("list", "topology", "show-config", "history", "version"),
		"pcs":                 pcsRead,
		"pg_config":           always,
		"pg_controldata":      always,
		"pg_isready":          always,
		"pg_lsclusters":       always,
		"pgbackrest":          pgbackrestRead,
		"pgbouncer":           exactly("--version", "-V"),
		"postgres":            postgresRead,
		"psql":                func(c Command, args []string) bool { return c.script || exactly("--version", "-V")(c, args) },
		"readlink":            always,
		"runuser":             never, // Command.User is the way
		"ss":                  without("-K", "--kill"),
		"stat":                always,
		"sysctl":              sysctlRead,
		"systemctl":           first("show", "is-active", "is-enabled", "is-failed", "is-system-running", "cat", "list-units", "list-unit-files", "list-timers", "list-dependencies"),
		"systemd-analyze":     first("verify", "cat-config", "condition"),
		"systemd-detect-virt": always,
		"timedatectl":         first("show", "status", "timesync-status"),
		"uname":               always,
		"uptime":              always,
		"vmstat":              always,
	}
}

func always(Command, []string) bool { return true }

func never(Command, []string) bool { return false }

// first allows what begins with one of the phrases, word by word.
func first(phrases ...string) rule {
	return func(_ Command, args []string) bool {
		return slices.ContainsFunc(phrases, func(phrase string) bool {
			words := strings.Fields(phrase)
			return len(args) >= len(words) && slices.Equal(args[:len(words)], words)
		})
	}
}

func exactly(options ...string) rule {
	return func(_ Command, args []string) bool { return len(args) == 1 && slices.Contains(options, args[0]) }
}

func last(verbs ...string) rule {
	return func(_ Command, args []string) bool {
		return len(args) > 0 && slices.Contains(verbs, args[len(args)-1])
	}
}

// without allows all but these options, alone or with a value joined by "=".
func without(options ...string) rule {
	return func(_ Command, args []string) bool {
		return !slices.ContainsFunc(args, func(arg string) bool {
			name, _, _ := strings.Cut(arg, "=")
			return slices.Contains(options, name)
		})
	}
}

// withVerb allows options before the verb, each in the form --option=value or
// alone; `-c path` is patronictl's own.
func withVerb(verbs ...string) rule {
	begin := first(verbs...)
	return func(c Command, args []string) bool {
		for len(args) > 0 && strings.HasPrefix(args[0], "-") {
			if args[0] == "-c" && len(args) > 1 {
				args = args[1:]
			}
			args = args[1:]
		}
		return begin(c, args)
	}
}

func aptSimulated(_ Command, args []string) bool {
	for _, option := range []string{"-s", "--simulate", "--just-print", "--dry-run", "--print-uris"} {
		if slices.Contains(args, option) {
			return true
		}
	}
	return len(args) > 0 && args[0] == "indextargets"
}

func haproxyCheck(_ Command, args []string) bool {
	return slices.ContainsFunc(args, func(arg string) bool {
		return arg == "-c" || arg == "-v" || arg == "-vv"
	})
}

func ipShow(_ Command, args []string) bool {
	for len(args) > 0 && strings.HasPrefix(args[0], "-") {
		if strings.HasPrefix(args[0], "-b") || strings.HasPrefix(args[0], "-n") { // batch, netns
			return false
		}
		args = args[1:]
	}
	return len(args) == 1 || len(args) > 1 && slices.Contains([]string{"show", "list", "ls", "get"}, args[1])
}

func journalRead(_ Command, args []string) bool {
	return !slices.ContainsFunc(args, func(arg string) bool {
		for _, option := range []string{"--vacuum", "--rotate", "--flush", "--sync", "--relinquish", "--smart", "--update", "--setup", "--cursor-file"} {
			if strings.HasPrefix(arg, option) {
				return true
			}
		}
		return arg == "-f" || arg == "--follow"
	})
}

func opensslRead(_ Command, args []string) bool {
	return first("x509", "version", "verify", "rsa -check", "pkey -pubout", "req -verify")(Command{}, args) &&
		!slices.Contains(args, "-out") && !slices.Contains(args, "-signkey") && !slices.Contains(args, "-CA")
}

func patroniCheck(_ Command, args []string) bool {
	return slices.Contains(args, "--validate-config") || slices.Equal(args, []string{"--version"})
}

func pgbackrestRead(_ Command, args []string) bool {
	args = slices.DeleteFunc(slices.Clone(args), func(arg string) bool { return strings.HasPrefix(arg, "--") })
	return len(args) == 1 && slices.Contains([]string{"info", "version", "verify", "repo-ls", "repo-get", "help"}, args[0])
}

func postgresRead(_ Command, args []string) bool {
	return exactly("--version", "-V")(Command{}, args) || slices.Contains(args, "-C") && !slices.Contains(args, "--single")
}

// sysctlRead leaves out key=value, which writes without -w too.
func sysctlRead(_ Command, args []string) bool {
	return first("-n", "--values")(Command{}, args) && !slices.ContainsFunc(args[1:], func(arg string) bool {
		return strings.HasPrefix(arg, "-") || strings.Contains(arg, "=")
	})
}

// pcsRead leaves out what config does besides showing: backup, restore, checkpoint.
func pcsRead(_ Command, args []string) bool {
	return first("status", "property config", "stonith config", "quorum status", "cluster status")(Command{}, args) ||
		slices.Equal(args, []string{"config"}) || slices.Equal(args, []string{"config", "show"})
}
