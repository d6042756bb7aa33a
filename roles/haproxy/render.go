package haproxy

import (
	_ "embed"
	"fmt"
	"net/netip"

	"github.com/pgrun/pgrun/config"
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
	Collectors     []netip.Prefix
}

// listen is a port that leads to the servers which answer 200 on Check.
type listen struct {
	Name   string
	Port   int
	Check  string
	Single bool // only one server can be right
}

// checks are the times of the health checks.
type checks struct {
	Inter, Fast, Down string // between checks: of a steady, an unsure, a dead server
	Rise, Fall        int    // checks in a row that turn a server up, down
}

// checksFor returns the checks of an RTO preset, made to fit the preset's
// Patroni settings: a demoted leader is cut off well before its successor can
// be promoted. Times are pigsty's, but that two answers in a row are enough,
// and a server that is down is asked as often as one that is unsure: it may be
// the next leader, and every interval is one more in which nobody can write.
func checksFor(rto string) (checks, bool) {
	switch rto {
	case "fast":
		return checks{"1s", "500ms", "500ms", 2, 3}, true
	case "norm", "":
		return checks{"2s", "1s", "1s", 2, 3}, true
	case "safe":
		return checks{"3s", "1500ms", "1500ms", 2, 3}, true
	case "wide":
		return checks{"4s", "2s", "2s", 2, 3}, true
	}
	return checks{}, false
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
	listens := r.listens(v)
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
		Collectors:     r.MetricsNetworks,
	}, nil
}

func (r *Role) listens(v *runner.View) []listen {
	lag := ""
	if r.MaxLag != "" {
		lag = "?lag=" + r.MaxLag
	}
	synchronous := "/sync"
	if quorum(v) {
		synchronous = "/quorum"
	}
	var offered []listen
	for _, l := range []listen{
		{writes, r.WritesPort, "/primary", true},
		{"replicas", r.ReplicasPort, "/replica" + lag, false},
		{"synchronous", r.SynchronousPort, synchronous, false},
		{"asynchronous", r.AsynchronousPort, "/async" + lag, false},
	} {
		if l.Port != 0 {
			offered = append(offered, l)
		}
	}
	return offered
}
