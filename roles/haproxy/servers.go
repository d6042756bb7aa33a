package haproxy

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"

	"github.com/pgrun/pgrun/roles/published"
	"github.com/pgrun/pgrun/runner"
)

// server is a PostgreSQL server, and where its Patroni answers.
type server struct {
	Name      string
	Address   string
	Port      int
	CheckPort int
}

// findServers returns the servers that the group postgres publishes, and
// their RTO preset, which must be one.
func findServers(v *runner.View) (servers []server, rto string, err error) {
	first := ""
	for _, p := range v.Group("postgres") {
		known, ok := published.PatroniOf(p)
		if !ok {
			return nil, "", fmt.Errorf("%s is in the group postgres and says nothing of its Patroni", p.Name)
		}
		if !regexp.MustCompile(`^[A-Za-z0-9_.-]+$`).MatchString(p.Name) {
			return nil, "", fmt.Errorf("the host name %q cannot be a server's name in HAProxy's configuration", p.Name)
		}
		if first != "" && known.RTO != rto {
			return nil, "", fmt.Errorf("%s has rto %s and %s has %s: a cluster has one", first, rto, p.Name, known.RTO)
		}
		if first == "" {
			first, rto = p.Name, known.RTO
		}
		servers = append(servers, server{
			Name:      p.Name,
			Address:   bracket(p.Address),
			Port:      known.PostgresPort,
			CheckPort: known.RESTPort,
		})
	}
	return servers, rto, nil
}

// Publish tells the other hosts where a client reaches this balancer and no
// other: not by an address that moves.
func (r *Role) Publish(v *runner.View) any {
	if !v.Host.In("balancers") || len(r.Bind) == 0 {
		return nil
	}
	address := v.Host.Address.String()
	if r.Bind[0] != "*" && !slices.Contains(r.Bind, address) {
		address = r.Bind[0]
	}
	return published.HAProxy{Address: address, WritesPort: r.WritesPort, Ports: r.ports()}
}

// ports are those that HAProxy listens on; 0 is none.
func (r *Role) ports() []int {
	all := []int{r.WritesPort, r.ReplicasPort, r.SynchronousPort, r.AsynchronousPort, r.StatisticsPort}
	return slices.DeleteFunc(all, func(port int) bool { return port == 0 })
}

func bracketed(hosts []string) []string {
	list := make([]string, len(hosts))
	for i, host := range hosts {
		list[i] = host
		if a, err := netip.ParseAddr(host); err == nil {
			list[i] = bracket(a)
		}
	}
	return list
}

// bracket writes an address as it stands before a port.
func bracket(a netip.Addr) string {
	if a.Is6() && !a.Is4In6() {
		return "[" + a.String() + "]"
	}
	return a.Unmap().String()
}
