// Package os sets a host's operating system up for a database cluster: names,
// kernel settings, limits, and a guard against restarts by the system itself.
package os

import (
	"context"
	"slices"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// Name of the role in the registry.
const Name = "os"

// Role is how pgrun sets the operating system up.
type Role struct {
	// HostsFile keeps a marked block in /etc/hosts with the names of the
	// cluster's hosts, for people and logs; pgrun itself uses addresses. What
	// else is in the file stays.
	HostsFile bool `yaml:"hosts_file"`
	// Hostname sets the host's name to the inventory's. Off: a name is often
	// owned by the cloud or by other tools.
	Hostname bool `yaml:"hostname"`
	// Sysctl adds kernel settings to pgrun's, or replaces them; an empty value
	// leaves that setting alone.
	Sysctl map[string]string `yaml:"sysctl"`
	// TransparentHugePages of hosts in group postgres: "never", since their
	// compaction stalls databases for milliseconds to seconds; "madvise";
	// or "leave".
	TransparentHugePages string `yaml:"transparent_huge_pages"`
	// OpenFiles is the limit of open files in sessions of postgres, for
	// maintenance by hand; the services have limits of their own.
	OpenFiles int `yaml:"open_files"`
	// RestartGuard keeps unattended-upgrades from upgrading, and needrestart
	// from restarting, what the cluster runs: such a restart of Patroni, etcd
	// or PostgreSQL is a failover that nobody asked for. Security updates of
	// these packages come with rolling-upgrade.yml.
	RestartGuard bool `yaml:"restart_guard"`
}

// New returns the section with its defaults.
func New() runner.Role {
	return &Role{HostsFile: true, TransparentHugePages: "never", OpenFiles: 65536, RestartGuard: true}
}

// Validate reports what cannot be set.
func (r *Role) Validate(v *runner.View) {
	if !slices.Contains([]string{"never", "madvise", "leave"}, r.TransparentHugePages) {
		v.Problem("transparent_huge_pages", "%q is not a choice: never, madvise or leave", r.TransparentHugePages)
	}
	if r.OpenFiles < 1024 {
		v.Problem("open_files", "%d is below the 1024 that every Linux allows", r.OpenFiles)
	}
	r.validateSysctl(v)
}

// Apply sets the host up.
func (r *Role) Apply(ctx context.Context, t *runner.Target) error {
	for _, part := range []func(context.Context, *runner.Target) error{
		r.applyNames, r.applyKernel, r.applyHugePages, r.applyLimits, r.applyGuard,
	} {
		if err := part(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

func (r *Role) applyNames(ctx context.Context, t *runner.Target) error {
	if r.Hostname {
		if err := r.applyHostname(ctx, t); err != nil {
			return err
		}
	}
	if !r.HostsFile {
		return t.Ensure(ctx, hostsBlock{})
	}
	mounted, err := isMountPoint(ctx, t, hostsFile)
	if err != nil {
		return err
	}
	if mounted {
		t.Skip(ctx, hostsBlock{}.String(), hostsFile+" is mounted by the container's runtime and cannot be replaced")
		return nil
	}
	return t.Ensure(ctx, hostsBlock{cluster: t.Cluster, peers: t.Peers()})
}

func (r *Role) applyHostname(ctx context.Context, t *runner.Target) error {
	if t.Facts.Container {
		t.Skip(ctx, "set the host's name", "the container's runtime owns it")
		return nil
	}
	return t.Ensure(ctx, modules.Run{
		Name:    "set the host's name to " + t.Host.Name,
		Command: modules.Command{Argv: []string{"hostnamectl", "set-hostname", t.Host.Name}},
		Needed: func(context.Context, modules.Reader) (string, error) {
			if t.Facts.Hostname == t.Host.Name {
				return "", nil
			}
			return "it is " + t.Facts.Hostname, nil
		},
	})
}

func (r *Role) applyLimits(ctx context.Context, t *runner.Target) error {
	const path = "/etc/security/limits.d/90-pgrun.conf"
	if !t.Host.In("postgres") {
		return t.Ensure(ctx, modules.File{Path: path, Absent: true})
	}
	return t.Ensure(ctx, modules.File{Path: path, Content: limits(r.OpenFiles), Attributes: modules.Root(0o644)})
}
