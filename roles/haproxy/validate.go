package haproxy

import (
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"strings"
	"time"

	"github.com/pgrun/pgrun/roles/published"
	"github.com/pgrun/pgrun/runner"
)

// Validate reports problems of the section. Whatever reaches the template is
// checked here against the grammar of HAProxy's configuration.
func (r *Role) Validate(v *runner.View) {
	r.validateBind(v)
	r.validatePorts(v)
	r.validateStatistics(v)
	r.validateLimits(v)
	r.validateServers(v)
	if r.Version != "" && !regexp.MustCompile(`^[A-Za-z0-9.+:~-]+\*?$`).MatchString(r.Version) {
		v.Problem("version", "%q is no package version: write it as dpkg does, like 3.0.11-1+deb13u3 or 3.0.*", r.Version)
	}
}

func (r *Role) validateBind(v *runner.View) {
	if len(r.Bind) == 0 {
		v.Problem("bind", "is empty: name the addresses to listen on, or * for all")
	}
	for i, host := range r.Bind {
		key := fmt.Sprintf("bind[%d]", i)
		if host == "*" {
			if len(r.Bind) > 1 {
				v.Problem(key, "* is all addresses: leave the others out")
			}
			continue
		}
		if a, err := netip.ParseAddr(host); err != nil || a.Zone() != "" {
			v.Problem(key, "%q is neither an IP address nor *", host)
		}
	}
}

func (r *Role) validatePorts(v *runner.View) {
	taken := map[int]string{}
	for _, p := range []struct {
		key      string
		port     int
		optional bool
	}{
		{"writes_port", r.WritesPort, false},
		{"replicas_port", r.ReplicasPort, true},
		{"synchronous_port", r.SynchronousPort, true},
		{"asynchronous_port", r.AsynchronousPort, true},
		{"statistics_port", r.StatisticsPort, false},
	} {
		if p.port == 0 && p.optional {
			continue
		}
		if p.port < 1 || p.port > 65535 {
			v.Problem(p.key, "%d is no port: write 1 to 65535", p.port)
			continue
		}
		if other, ok := taken[p.port]; ok {
			v.Problem(p.key, "%d is %s already", p.port, other)
			continue
		}
		taken[p.port] = p.key
	}
	r.validateNeighbours(v, taken)
}

// validateNeighbours looks for ports that others have on the same host.
func (r *Role) validateNeighbours(v *runner.View, taken map[int]string) {
	conflict := func(port int, whose string) {
		if key, ok := taken[port]; ok {
			v.Problem(key, "%d is %s on this host", port, whose)
		}
	}
	if p, ok := published.PatroniOf(v.Host); ok {
		conflict(p.PostgresPort, "PostgreSQL's port")
		conflict(p.RESTPort, "the port of Patroni's REST API")
	}
	if p, ok := published.EtcdOf(v.Host); ok {
		for _, port := range p.Ports() {
			conflict(port, "etcd's port")
		}
	}
}

func (r *Role) validateStatistics(v *runner.View) {
	if !regexp.MustCompile(`^[A-Za-z0-9._-]+$`).MatchString(r.StatisticsUser) {
		v.Problem("statistics_user", "%q is no user name: use letters, digits, dot, dash and underscore", r.StatisticsUser)
	}
	if !r.StatisticsPassword.IsSet() {
		v.Problem("statistics_password", "is missing: the statistics page has no default password. Write it, or say where it is: statistics_password: !env HAPROXY_STATISTICS_PASSWORD")
	} else if err := r.checkPassword(); err != nil {
		v.Problem("statistics_password", "%v", err)
	}
	for i, network := range r.MetricsNetworks {
		if network.Bits() == 0 {
			v.Warning(fmt.Sprintf("metrics_networks[%d]", i), "%s lets everybody read the metrics, with the names and addresses of the servers: name the networks of the Prometheus servers", network)
		}
	}
}

// checkPassword finds what HAProxy's configuration cannot carry in single
// quotes. On the controller the password may not be known yet; the host looks
// at it again.
func (r *Role) checkPassword() error {
	if strings.ContainsFunc(r.StatisticsPassword.Reveal(), func(c rune) bool { return c < 0x20 || c == 0x7f || c == '\'' }) {
		return errors.New("holds a single quote or a control character, which HAProxy's configuration cannot carry")
	}
	return nil
}

func (r *Role) validateLimits(v *runner.View) {
	if !regexp.MustCompile(`^([0-9]+(kB|MB|GB)?)?$`).MatchString(r.MaxLag) {
		v.Problem("max_lag", "%q is no size: write bytes, or a number with kB, MB or GB, like 100MB", r.MaxLag)
	}
	if r.MaxConnections < 10 || r.MaxConnections > 50000 {
		v.Problem("max_connections", "%d is out of range: write 10 to 50000", r.MaxConnections)
	}
	for _, d := range []struct {
		key        string
		value      time.Duration
		least, top time.Duration
	}{
		{"connect_timeout", r.ConnectTimeout, 100 * time.Millisecond, time.Minute},
		{"idle_timeout", r.IdleTimeout, 10 * time.Second, 20 * 24 * time.Hour},
		{"hard_stop_after", r.HardStopAfter, time.Second, 20 * 24 * time.Hour},
	} {
		if d.value < d.least || d.value > d.top {
			v.Problem(d.key, "%s is out of range: write %s to %s", d.value, d.least, d.top)
		}
	}
}

func (r *Role) validateServers(v *runner.View) {
	servers, rto, err := findServers(v)
	if err != nil {
		v.Problem("", "%v", err)
		return
	}
	if _, ok := checksFor(rto); !ok {
		v.Problem("", "patroni's rto %q has no health checks here: fast, norm, safe and wide have", rto)
	}
	if len(servers) == 0 {
		v.Warning("", "the cluster %s has no host in the group postgres: there is nothing to lead clients to", v.Cluster)
	}
}
