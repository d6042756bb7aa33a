// Package haproxy brings up HAProxy in front of a Patroni cluster. Clients
// choose by port whom they reach: the leader (5000), any replica (5001), a
// synchronous replica (5002) or an asynchronous one (5003). Which server is
// which is asked of each Patroni's REST API, so a failover needs no change
// here.
//
// The configuration is validated by HAProxy before it replaces the old one,
// and taken up by a reload, which loses no connection. A reload also runs a
// newly installed binary, so that even an upgrade drops nobody.
package haproxy

import (
	"net/netip"
	"time"

	"github.com/pgrun/pgrun/config"
	"github.com/pgrun/pgrun/runner"
)

// Name is the role's name in inventories.
const Name = "haproxy"

// Role is the section haproxy.
type Role struct {
	// Bind is the addresses that HAProxy listens on: IP addresses, or * for
	// all of IPv4. With *, an address that keepalived moves needs no setting.
	// At the first of them pgrun itself asks: let that be the host's own.
	Bind []string `yaml:"bind"`

	// WritesPort leads to the leader, the only server that can write.
	WritesPort int `yaml:"writes_port"`
	// ReplicasPort leads to the replicas that lag less than max_lag; 0 leaves
	// the port out.
	ReplicasPort int `yaml:"replicas_port"`
	// ReplicasFallback lets replicas_port lead to the leader as long as no
	// replica serves: in a cluster of one host, or one whose replicas are away
	// or lag. Reads then go on, and the leader carries them; false refuses them
	// instead. Who shall never write needs a database role that cannot: the
	// port does not see to it.
	ReplicasFallback bool `yaml:"replicas_fallback"`
	// SynchronousPort leads to the synchronous replicas (in quorum mode: those
	// of the quorum); 0 leaves the port out.
	SynchronousPort int `yaml:"synchronous_port"`
	// AsynchronousPort leads to the asynchronous replicas that lag less than
	// max_lag; 0 leaves the port out.
	AsynchronousPort int `yaml:"asynchronous_port"`

	// ClientNetworks may connect to the ports of this balancer, beside the
	// hosts of the cluster; everybody else is turned away before HAProxy reads
	// a byte. The default is cluster.networks. PostgreSQL sees the balancer's
	// address and not the client's, so address rules of postgres.hba do not
	// hold for clients that come this way. A load balancer in front of this one
	// must be among them.
	ClientNetworks []netip.Prefix `yaml:"client_networks"`

	// StatisticsPort has the statistics page and, below /metrics, the metrics
	// for Prometheus.
	StatisticsPort int `yaml:"statistics_port"`
	// StatisticsUser logs in to the statistics page.
	StatisticsUser string `yaml:"statistics_user"`
	// StatisticsPassword is the password of statistics_user. It is required:
	// the page shows every address of the cluster.
	StatisticsPassword config.Secret `yaml:"statistics_password"`
	// MetricsNetworks may read /metrics without the password: where the
	// Prometheus servers are. The page itself always wants it, and only
	// client_networks reach it.
	MetricsNetworks []netip.Prefix `yaml:"metrics_networks"`

	// MaxLag is how far a replica may be behind before it gets no reads:
	// bytes, or a number with kB, MB or GB; "" is no limit. 100MB is autobase's
	// choice: enough for a burst of writes, little enough that reads are fresh.
	MaxLag string `yaml:"max_lag"`

	// MaxConnections bounds the clients of each port, so that a flood of
	// readers leaves room for writers. PostgreSQL takes far fewer; each
	// connection costs two file descriptors here, and a port of its own towards
	// the server, of which there are about 54000.
	MaxConnections int `yaml:"max_connections"`
	// ConnectTimeout is how long a server may take to accept a connection
	// before another is tried.
	ConnectTimeout time.Duration `yaml:"connect_timeout"`
	// IdleTimeout ends a connection on which nothing was sent for so long, even
	// while a statement runs. A day lets a long CREATE INDEX end and pools keep
	// their connections; dead peers are found within a minute, by TCP
	// keepalives.
	IdleTimeout time.Duration `yaml:"idle_timeout"`
	// HardStopAfter bounds the life of the old process after a reload. It
	// keeps its clients, but no longer checks the servers' health.
	HardStopAfter time.Duration `yaml:"hard_stop_after"`

	// Version of the package, as dpkg writes it; a trailing * is a glob. "" is
	// any that is installed, or the newest when none is; an upgrade then goes
	// to the newest.
	Version string `yaml:"version"`
}

// New returns the role with its defaults.
func New() runner.Role {
	return &Role{
		Bind:             []string{"*"},
		WritesPort:       5000,
		ReplicasPort:     5001,
		ReplicasFallback: true,
		SynchronousPort:  5002,
		AsynchronousPort: 5003,
		StatisticsPort:   7000,
		StatisticsUser:   "pgrun",
		MaxLag:           "100MB",
		MaxConnections:   2000,
		ConnectTimeout:   5 * time.Second,
		IdleTimeout:      24 * time.Hour,
		HardStopAfter:    30 * time.Minute,
	}
}
