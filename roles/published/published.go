// Package published has what roles make known to the roles of other hosts of
// their cluster. It is apart from the roles, so that two of them can know of
// each other: a balancer of the servers behind it, a server of the balancers
// before it.
package published

import (
	"net/url"
	"strconv"

	"github.com/pgrun/pgrun/runner"
)

// Etcd is where the member on a host in the group etcd is found.
type Etcd struct {
	Name      string
	ClientURL string
	PeerURL   string
	DataDir   string
}

// Ports are those that the member listens on.
func (e Etcd) Ports() []int {
	var ports []int
	for _, address := range []string{e.ClientURL, e.PeerURL} {
		if u, err := url.Parse(address); err == nil {
			port, _ := strconv.Atoi(u.Port()) // the role etcd wrote it
			ports = append(ports, port)
		}
	}
	return ports
}

// Patroni is of a host in the group postgres: where its PostgreSQL and its
// REST API listen, and what balancers must know to judge it.
type Patroni struct {
	RESTPort     int
	PostgresPort int
	// RTO is the preset by which Patroni and the balancers agree on how soon
	// a lost leader is replaced: fast, norm, safe, wide.
	RTO string
	// DataDir is where PostgreSQL's data lies.
	DataDir string
	Shared  Shared
}

// Shared has digests of what all members must say alike.
type Shared struct{ Settings, Parameters, Roles, Databases string }

// HAProxy is of a host in the group balancers.
type HAProxy struct {
	// Address is one of those that HAProxy listens on: where a client can try
	// this very balancer.
	Address    string
	WritesPort int
	Ports      []int // all that HAProxy listens on
}

// EtcdOf returns what the role etcd of a host says, and whether it does.
func EtcdOf(p runner.Peer) (Etcd, bool) { return runner.Published[Etcd](p, "etcd") }

// PatroniOf returns what the role patroni of a host says, and whether it does.
func PatroniOf(p runner.Peer) (Patroni, bool) { return runner.Published[Patroni](p, "patroni") }

// HAProxyOf returns what the role haproxy of a host says, and whether it does.
func HAProxyOf(p runner.Peer) (HAProxy, bool) { return runner.Published[HAProxy](p, "haproxy") }
