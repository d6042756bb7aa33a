package published

import (
	"fmt"

	"github.com/pgrun/pgrun/runner"
)

// Moved says which member listens on another port than the inventory gives it,
// as Patroni's /cluster has it by name, and what to do; "" is none. A member
// takes a new port when it restarts, one after the other, so that meanwhile
// clients behind a balancer would find some servers and not others, and for a
// while no leader.
func Moved(v *runner.View, ports map[string]int) string {
	for _, p := range v.Group("postgres") {
		known, ok := PatroniOf(p)
		if now := ports[p.Name]; ok && now != 0 && now != known.PostgresPort {
			return fmt.Sprintf("PostgreSQL of %s listens on port %d, and postgres.port is %d: members would take the new port one after the other, "+
				"and clients behind the balancers would not be able to write until the last has it. Write port: %d. "+
				"To move it, plan an outage: `systemctl stop patroni` on all hosts of the group postgres, the leader last, and then run site.yml on all hosts",
				p.Name, now, known.PostgresPort, now)
		}
	}
	return ""
}
