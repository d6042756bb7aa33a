package patroni

import (
	"fmt"
	"net/netip"

	"github.com/pgrun/pgrun/roles/cluster"
	"github.com/pgrun/pgrun/roles/postgres"
	"github.com/pgrun/pgrun/runner"
)

// hba are the lines of pg_hba.conf; the first that fits counts. Nobody is
// trusted, and the superuser comes in by the socket only, unless a rule of the
// section says otherwise.
func hba(v *runner.View, pg *postgres.Role, c *cluster.Role) []string {
	lines := []string{"local all " + superuser + " peer"}
	rule := func(database, user, address string) {
		lines = append(lines, fmt.Sprintf("host %s %s %s scram-sha-256", database, user, address))
	}
	for _, address := range []string{"127.0.0.1/32", "::1/128"} {
		rule("replication", replicator, address)
	}
	for _, p := range v.Group("postgres") {
		rule("replication", replicator, single(p.Address))
		rule("all", rewindUser, single(p.Address))
	}
	for _, p := range v.Peers() {
		if p.In("postgres") || p.In("balancers") {
			rule("postgres", probeUser, single(p.Address))
		}
	}
	for _, r := range pg.HBA {
		lines = append(lines, r.Line())
	}
	for _, user := range []string{superuser, replicator, rewindUser, probeUser} {
		lines = append(lines, "host all "+user+" all reject")
	}
	lines = append(lines, "local all all scram-sha-256")
	for _, address := range []string{"127.0.0.1/32", "::1/128"} {
		rule("all", "all", address)
	}
	// Balancers hand connections on from their own addresses, poolers too.
	for _, p := range v.Peers() {
		if p.In("postgres") || p.In("balancers") {
			rule("all", "all", single(p.Address))
		}
	}
	for _, network := range c.Networks {
		rule("all", "all", network.Masked().String())
	}
	return append(lines, "host replication all all reject", "host all all all reject")
}

func single(address netip.Addr) string {
	return netip.PrefixFrom(address, address.BitLen()).String()
}
