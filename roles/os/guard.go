package os

import (
	"context"
	"fmt"
	"strings"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

const (
	aptGuard         = "/etc/apt/apt.conf.d/52pgrun"
	needrestartGuard = "/etc/needrestart/conf.d/pgrun.conf"
)

// guarded are the packages and services that only pgrun upgrades and
// restarts, as regular expressions that match at the beginning of a name.
func guarded() []string {
	return []string{
		"postgresql", "patroni", "etcd", "haproxy", "keepalived", "pgbouncer",
		"pacemaker", "corosync", "pgbackrest",
	}
}

func (r *Role) applyGuard(ctx context.Context, t *runner.Target) error {
	if !r.RestartGuard {
		return t.Ensure(ctx,
			modules.File{Path: aptGuard, Absent: true},
			modules.File{Path: needrestartGuard, Absent: true},
		)
	}
	return t.Ensure(ctx,
		modules.File{Path: aptGuard, Content: blacklist(), Attributes: modules.Root(0o644)},
		modules.Directory{Path: "/etc/needrestart/conf.d", Attributes: modules.Root(0o755)},
		modules.File{Path: needrestartGuard, Content: noRestarts(), Attributes: modules.Root(0o644)},
	)
}

// blacklist adds to the list of unattended-upgrades: apt joins the lists of
// all its files.
func blacklist() string {
	var text strings.Builder
	text.WriteString("// Only pgrun upgrades what the cluster runs, one host at a time.\nUnattended-Upgrade::Package-Blacklist {\n")
	for _, name := range guarded() {
		fmt.Fprintf(&text, "  \"^%s\";\n", name)
	}
	text.WriteString("};\n")
	return text.String()
}

// noRestarts is Perl, as needrestart reads it.
func noRestarts() string {
	var text strings.Builder
	text.WriteString("# Only pgrun restarts what the cluster runs, one host at a time.\n")
	for _, name := range guarded() {
		fmt.Fprintf(&text, "$nrconf{override_rc}{qr(^%s)} = 0;\n", name)
	}
	return text.String()
}

func limits(files int) string {
	return fmt.Sprintf("# Sessions of postgres: many files and connections by hand.\npostgres soft nofile %[1]d\npostgres hard nofile %[1]d\n", files)
}
