package postgres

import (
	"context"
	"path"
	"strconv"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/roles/cluster"
	"github.com/pgrun/pgrun/runner"
)

// Name of the role in the registry.
const Name = "postgres"

// Role is the section `postgres`: the server's packages, settings and objects.
type Role struct {
	// DataDir is the folder that holds PostgreSQL's data; the cluster lies in
	// <data_dir>/<version>/<cluster name> below it, owned by postgres. Moving
	// existing data is left to the operator. The default is Debian's. A folder
	// of the system (/etc, /home, /var ...) is refused, and so is one that holds
	// other things, unless it lies below /var/lib, /srv, /data or /mnt: there it
	// is left as it is.
	DataDir string `yaml:"data_dir"`
	// Port is the TCP port of the server on each host. The default, 5432, is PostgreSQL's.
	Port int `yaml:"port"`
	// Packages are more packages to install and hold beside the server's:
	// extensions such as postgresql-17-pgaudit. They are upgraded with it.
	Packages []string `yaml:"packages"`
	// Parameters are server settings for the whole cluster, by their names in
	// postgresql.conf. They go over pgrun's defaults and are kept by Patroni.
	// PostgreSQL's own program tries them on every host, and what it refuses,
	// or what is more than a host has memory or disk for, ends the run before
	// anything is changed. A setting that needs a restart takes effect with
	// patroni's action restart; null leaves one of pgrun's defaults out.
	//
	// These follow from the size of each host, unless they are given:
	// shared_buffers (a quarter of the memory, at most 16 GB), huge pages for
	// it from 8 GB of memory on, effective_cache_size, work_mem,
	// maintenance_work_mem, autovacuum_max_workers, max_parallel_workers, and
	// from the size of the disk max_wal_size (5 %, at most 8 GB) and
	// max_slot_wal_keep_size (10 %): a replica that is away for long loses its
	// slot before the disk is full.
	//
	// The log goes to /var/log/postgresql as JSON, a file for each day of the
	// week. archive_mode is on with a command that keeps nothing, so that an
	// archive can be added later without a restart.
	Parameters map[string]any `yaml:"parameters"`
	// Roles are the database roles. Roles that are not named are left alone; a
	// run names those that can log in.
	Roles []DatabaseRole `yaml:"roles"`
	// Databases are the databases. Databases that are not named are left alone.
	Databases []Database `yaml:"databases"`
	// Extensions are created in each of the databases.
	Extensions []Extension `yaml:"extensions"`
	// HBA are further rules of who may connect, before those that
	// cluster.networks makes. Replication between the members needs none. A
	// rule for all roles keeps postgres and the roles of Patroni and pgrun out:
	// they come in only where a rule names them.
	HBA []Rule `yaml:"hba"`
}

// New returns the section with its defaults.
func New() runner.Role { return &Role{DataDir: packagedDataDir, Port: 5432} }

// Paths are where things of one cluster lie on a host.
type Paths struct {
	Data   string // PGDATA
	Bin    string // folder of the server's programs
	Socket string // folder of the Unix socket
}

// Paths returns where the cluster of a version lies.
func (r *Role) Paths(version int, name string) Paths {
	v := strconv.Itoa(version)
	return Paths{
		Data:   path.Join(r.DataDir, v, name),
		Bin:    "/usr/lib/postgresql/" + v + "/bin",
		Socket: "/var/run/postgresql",
	}
}

// Apply installs the packages and makes the folders; Patroni starts the server.
func (r *Role) Apply(ctx context.Context, t *runner.Target) error {
	c := runner.Section[*cluster.Role](t.View)
	paths := r.Paths(c.PostgresVersion, t.Cluster)
	if err := r.RefuseOtherMajor(ctx, t, c.PostgresVersion, t.Cluster); err != nil {
		return err
	}
	if err := refuseForeign(ctx, t, r.Port, paths.Data); err != nil {
		return err
	}
	switch why, err := modules.Unmounted(ctx, t, paths.Data); {
	case err != nil:
		return err
	case why != "":
		return runner.Refuse("%s", why)
	}
	if err := t.Ensure(ctx, r.Install(c.PostgresVersion)); err != nil {
		return err
	}
	if err := r.check(ctx, t); err != nil {
		return err
	}
	if err := r.refuseMissingLibraries(ctx, t, c.PostgresVersion); err != nil {
		return err
	}
	if err := r.ensureFolders(ctx, t, paths); err != nil {
		return err
	}
	return r.reserveHugePages(ctx, t, paths.Data)
}

// Install are the server's packages, held. Debian's packages make and start a cluster
// of their own, unless postgresql-common is told not to before it comes.
func (r *Role) Install(version int) modules.Packages {
	return modules.Packages{
		Names:   r.PackageNames(version),
		Hold:    true,
		Preseed: map[string]string{"/etc/postgresql-common/createcluster.d/pgrun.conf": "create_main_cluster = off\n"},
	}
}

// PackageNames are the packages that are upgraded together on a database host.
func (r *Role) PackageNames(version int) []string {
	v := strconv.Itoa(version)
	return append([]string{"postgresql-" + v, "postgresql-client-" + v}, r.Packages...)
}
