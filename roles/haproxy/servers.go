package haproxy

import (
	"fmt"
	"net/netip"
	"regexp"

	"github.com/pgrun/pgrun/roles/patroni"
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
		published, ok := runner.Published[patroni.Published](p, "patroni")
		if !ok {
			return nil, "", fmt.Errorf("%s is in the group postgres and says nothing of its Patroni", p.Name)
		}
		if !regexp.MustCompile(`^[A-Za-z0-9_.-]+$`).MatchString(p.Name) {
			return nil, "", fmt.Errorf("the host name %q cannot be a server's name in HAProxy's configuration", p.Name)
		}
		if first != "" && published.RTO != rto {
			return nil, "", fmt.Errorf("%s has rto %s and %s has %s: a cluster has one", first, rto, p.Name, published.RTO)
		}
		if first == "" {
			first, rto = p.Name, published.RTO
		}
		servers = append(servers, server{
			Name:      p.Name,
			Address:   bracket(p.Address),
			Port:      published.PostgresPort,
			CheckPort: published.RESTPort,
		})
	}
	return servers, rto, nil
}

// quorum says whether the cluster's synchronous replicas are a quorum: Patroni
// then answers on /quorum what it answers on /sync otherwise.
func quorum(v *runner.View) bool {
	for _, p := range v.Group("postgres") {
		if published, ok := runner.Published[patroni.Published](p, "patroni"); ok && published.Synchronous == "quorum" {
			return true
		}
	}
	return false
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
