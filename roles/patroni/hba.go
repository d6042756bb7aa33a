package patroni

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/pgrun/pgrun/roles/cluster"
	"github.com/pgrun/pgrun/roles/postgres"
	"github.com/pgrun/pgrun/runner"
)

// hba are the lines of pg_hba.conf; the first that fits counts. Nobody is
// trusted, and the superuser comes in by the socket only, unless a rule of the
// section says otherwise.
func hba(v *runner.View, pg *postgres.Role, c *cluster.Role) []string {
	lines := append([]string{"local all " + superuser + " peer"}, ours(v)...)
	reserved := []string{superuser, replicator, rewindUser, probeUser}
	for _, r := range pg.HBA {
		// A rule lets these in by their names only.
		if unnamed := r.Unnamed(slices.Clone(reserved)...); len(unnamed) > 0 {
			lines = append(lines, r.Refusing(unnamed...).Line())
		}
		lines = append(lines, r.Line())
	}
	for _, user := range reserved {
		lines = append(lines, "host all "+user+" all reject")
	}
	lines = append(lines, "local all all scram-sha-256")
	for _, address := range loopback() {
		lines = append(lines, scram("all", "all", address))
	}
	// Balancers hand connections on from their own addresses, poolers too.
	for _, p := range inside(v) {
		lines = append(lines, scram("all", "all", single(p.Address)))
	}
	for _, network := range c.Networks {
		lines = append(lines, scram("all", "all", network.Masked().String()))
	}
	return append(lines, "host replication all all reject", "host all all all reject")
}

// ours let in the roles that Patroni and pgrun use, from where they do.
func ours(v *runner.View) []string {
	var lines []string
	for _, address := range loopback() {
		lines = append(lines, scram("replication", replicator, address))
	}
	for _, p := range v.Group("postgres") {
		lines = append(lines, scram("replication", replicator, single(p.Address)), scram("all", rewindUser, single(p.Address)))
	}
	for _, p := range inside(v) {
		lines = append(lines, scram("postgres", probeUser, single(p.Address)))
	}
	return lines
}

// inside are the members, and the balancers that clients come through.
func inside(v *runner.View) []runner.Peer {
	return slices.DeleteFunc(v.Peers(), func(p runner.Peer) bool { return !p.In("postgres") && !p.In("balancers") })
}

func scram(database, user, address string) string {
	return fmt.Sprintf("host %s %s %s scram-sha-256", database, user, address)
}

func loopback() []string { return []string{"127.0.0.1/32", "::1/128"} }

func single(address netip.Addr) string {
	return netip.PrefixFrom(address, address.BitLen()).String()
}
