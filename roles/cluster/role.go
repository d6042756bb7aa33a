// Package cluster is the section of facts that the roles of a cluster share.
// It changes nothing on a host.
package cluster

import (
	"context"
	"fmt"
	"net/netip"
	"regexp"
	"slices"

	"github.com/pgrun/pgrun/runner"
)

// Name of the role in the registry.
const Name = "cluster"

// The PostgreSQL versions that pgrun builds: those that PGDG still patches
// and Patroni 3 and later can run.
const (
	OldestPostgres = 15
	NewestPostgres = 18
)

// Role is what all hosts of a cluster agree on.
type Role struct {
	// Name of the cluster: Patroni's scope, etcd's token, and part of folder
	// names. Hosts with the same name are one cluster. It cannot be changed
	// once the cluster exists.
	Name string `yaml:"name"`
	// PostgresVersion is the major version of PostgreSQL. 17 is what Debian 13
	// ships and has been in use for more than a year. A change here does not
	// upgrade an existing cluster to another major version.
	PostgresVersion int `yaml:"postgres_version"`
	// Networks whose clients may connect to PostgreSQL with a password; they
	// become lines of pg_hba.conf. None: only the hosts of the cluster.
	Networks []netip.Prefix `yaml:"networks"`
	// Restarts is allow, or postpone: then site.yml changes and reloads, and
	// leaves what interrupts a service to `pgrun restart.yml`, as --no-restart
	// does. It tells at its end which restarts are due. The default is allow:
	// a setting that is written and does not count is a surprise at the next
	// failover.
	Restarts string `yaml:"restarts"`
}

// PostponesRestarts says whether restarts wait for an operator.
func (r *Role) PostponesRestarts() bool { return r.Restarts == "postpone" }

// Published is what the other hosts check themselves against.
type Published struct {
	PostgresVersion int
	Networks        []netip.Prefix // sorted, each once
}

// New returns the section with its defaults.
func New() runner.Role { return &Role{Name: "main", PostgresVersion: 17, Restarts: "allow"} }

// clusterName is what is safe in a path, in a unit's name, in Patroni's scope
// and as an etcd token.
func clusterName() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9]([a-z0-9-]{0,48}[a-z0-9])?$`) }

// Validate reports what the hosts of the cluster do not agree on.
func (r *Role) Validate(v *runner.View) {
	if !clusterName().MatchString(r.Name) {
		v.Problem("name", "%q cannot name a cluster: use up to 50 small letters, digits and hyphens, and begin and end with a letter or digit", r.Name)
	}
	if r.PostgresVersion < OldestPostgres || r.PostgresVersion > NewestPostgres {
		v.Problem("postgres_version", "PostgreSQL %d is not supported: choose %d to %d", r.PostgresVersion, OldestPostgres, NewestPostgres)
	}
	if r.Restarts != "allow" && r.Restarts != "postpone" {
		v.Problem("restarts", "%q is neither allow nor postpone", r.Restarts)
	}
	r.validateNetworks(v)
	r.validatePeers(v)
}

func (r *Role) validateNetworks(v *runner.View) {
	for i, network := range r.Networks {
		key := fmt.Sprintf("networks[%d]", i)
		switch {
		case network != network.Masked():
			v.Problem(key, "%s has bits of a host: write %s", network, network.Masked())
		case network.Bits() == 0:
			v.Warning(key, "%s lets the whole world try passwords: name the networks of the clients", network)
		}
	}
}

// validatePeers compares with the other database hosts: what differs shows
// when the next one leads, and clients or replicas do not get along with it.
func (r *Role) validatePeers(v *runner.View) {
	if !v.Host.In("postgres") {
		return
	}
	for _, p := range v.Group("postgres") {
		other, ok := runner.Published[Published](p, Name)
		if !ok || p.Name == v.Host.Name {
			continue
		}
		if other.PostgresVersion != r.PostgresVersion {
			v.Problem("postgres_version", "is %d here and %d on %s: all members of a cluster run one major version", r.PostgresVersion, other.PostgresVersion, p.Name)
		}
		if networks := r.networks(); !slices.Equal(networks, other.Networks) {
			v.Problem("networks", "is %v here and %v on %s: clients of one host would be turned away when the other leads", networks, other.Networks, p.Name)
		}
	}
}

func (r *Role) networks() []netip.Prefix {
	return slices.Compact(slices.SortedFunc(slices.Values(r.Networks), netip.Prefix.Compare))
}

// Publish tells the other hosts what this one goes by.
func (r *Role) Publish(*runner.View) any {
	return Published{PostgresVersion: r.PostgresVersion, Networks: r.networks()}
}

// Apply does nothing: the section is there for other roles to read.
func (r *Role) Apply(context.Context, *runner.Target) error { return nil }
