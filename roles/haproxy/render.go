package haproxy

import (
	_ "embed"
	"fmt"
	"net/netip"

	"github.com/pgrun/pgrun/config"
	"github.com/pgrun/pgrun/roles/cluster"
	"github.com/pgrun/pgrun/runner"
)

const (
	configPath = "/etc/haproxy/haproxy.cfg"
	socketPath = "/run/haproxy/admin.sock"
	statePath  = "/run/haproxy-state/servers"
	writes     = "writes"
)

//go:embed haproxy.cfg.tmpl
var configText string

// page is what the template is rendered from. Durations are milliseconds.
type page struct {
	Bind           []string
	Listens        []listen
	Servers        []server
	Checks         checks
	Total          int
	MaxConnections int
	ConnectTimeout int64
	IdleTimeout    int64
	HardStopAfter  int64
	Socket         string
	State          string
	StatisticsPort int
	User           string
	Password       config.Secret
	Clients        []string // who may connect: networks and addresses
	Collectors     []netip.Prefix
}

// listen is a port that leads to the servers which answer 200 on Check.
type listen struct {
	Name   string
	Port   int
	Check  string
	Single bool // only one server can be right
	// Fallback leads to the server of the writes port when there is no other.
	Fallback bool
	// Quorum leads to the servers of the proxy "quorum" too.
	Quorum bool
}

func (r *Role) page(v *runner.View) (page, error) {
	if err := r.checkPassword(); err != nil {
		return page{}, fmt.Errorf("statistics_password %w", err)
	}
	servers, rto, err := findServers(v)
	if err != nil {
		return page{}, err
	}
	times, ok := checksFor(rto)
	if !ok {
		return page{}, fmt.Errorf("no health checks for the rto %q", rto)
	}
	listens := r.listens()
	return page{
		Bind:           bracketed(r.Bind),
		Listens:        listens,
		Servers:        servers,
		Checks:         times,
		Total:          len(listens)*r.MaxConnections + 100,
		MaxConnections: r.MaxConnections,
		ConnectTimeout: r.ConnectTimeout.Milliseconds(),
		IdleTimeout:    r.IdleTimeout.Milliseconds(),
		HardStopAfter:  r.HardStopAfter.Milliseconds(),
		Socket:         socketPath,
		State:          statePath,
		StatisticsPort: r.StatisticsPort,
		User:           r.StatisticsUser,
		Password:       r.StatisticsPassword,
		Clients:        r.clients(v),
		Collectors:     r.MetricsNetworks,
	}, nil
}

// clients are who may connect: those that may connect to PostgreSQL itself.
func (r *Role) clients(v *runner.View) []string {
	networks := r.ClientNetworks
	if len(networks) == 0 {
		networks = runner.Section[*cluster.Role](v).Networks
	}
	var list []string
	for _, network := range networks {
		list = append(list, network.String())
	}
	for _, p := range v.Peers() {
		list = append(list, p.Address.String())
	}
	return append(list, "127.0.0.0/8", "::1")
}

func (r *Role) listens() []listen {
	lag := ""
	if r.MaxLag != "" {
		lag = "?lag=" + r.MaxLag
	}
	var offered []listen
	for _, l := range []listen{
		{Name: writes, Port: r.WritesPort, Check: "/primary", Single: true},
		{Name: "replicas", Port: r.ReplicasPort, Check: "/replica" + lag, Fallback: r.ReplicasFallback},
		{Name: "synchronous", Port: r.SynchronousPort, Check: "/sync", Quorum: true},
		{Name: "asynchronous", Port: r.AsynchronousPort, Check: "/async" + lag},
	} {
		if l.Port != 0 {
			offered = append(offered, l)
		}
	}
	return offered
}
