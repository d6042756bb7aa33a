// Package roles is the registry of pgrun's roles.
package roles

import (
	"github.com/pgrun/pgrun/roles/aptrepo"
	"github.com/pgrun/pgrun/roles/cluster"
	"github.com/pgrun/pgrun/roles/etcd"
	"github.com/pgrun/pgrun/roles/haproxy"
	"github.com/pgrun/pgrun/roles/os"
	"github.com/pgrun/pgrun/roles/patroni"
	"github.com/pgrun/pgrun/roles/postgres"
	"github.com/pgrun/pgrun/roles/preflight"
	"github.com/pgrun/pgrun/runner"
)

// Registry is the table of roles, in the order in which a host goes through
// them. Group is where a role may run. Reads names the sections of other roles, on the same host, that a role
// may read.
func Registry() runner.Registry {
	return runner.Registry{
		{Name: preflight.Name, New: preflight.New},
		{Name: cluster.Name, New: cluster.New},
		{Name: os.Name, New: os.New},
		{Name: aptrepo.Name, New: aptrepo.New},
		{Name: etcd.Name, Group: "etcd", New: etcd.New},
		{Name: postgres.Name, Group: "postgres", New: postgres.New, Reads: []string{cluster.Name}},
		{Name: patroni.Name, Group: "postgres", New: patroni.New, Reads: []string{cluster.Name, postgres.Name}},
		{Name: haproxy.Name, New: haproxy.New, Reads: []string{cluster.Name}},
	}
}
