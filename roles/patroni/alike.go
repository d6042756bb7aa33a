package patroni

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"

	"github.com/pgrun/pgrun/roles/postgres"
	"github.com/pgrun/pgrun/roles/published"
	"github.com/pgrun/pgrun/runner"
)

// shared are digests of what one host does for all: the one that leads. Where
// the hosts' sections differ, every failover would bring another's.
func (r *Role) shared(pg *postgres.Role) published.Shared {
	all := r.settings(pg)
	parameters := all["postgresql"]
	delete(all, "postgresql")
	delete(all, recordKey)
	return published.Shared{
		Settings: digest(all), Parameters: digest(parameters), Roles: digest(pg.Roles),
		Databases: digest([]any{pg.Databases, pg.Extensions}),
	}
}

func digest(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return "" // what JSON cannot hold Validate reports
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:8])
}

// validateAlike reports what differs from the first member.
func (r *Role) validateAlike(v *runner.View) {
	first := v.Group("postgres")[0]
	there, ok := published.PatroniOf(first)
	if !ok {
		return
	}
	here := r.shared(postgresSection(v))
	for _, c := range []struct{ what, here, there string }{
		{"the timing, lag and synchronous mode of patroni", here.Settings, there.Shared.Settings},
		{"postgres.parameters", here.Parameters, there.Shared.Parameters},
		{"postgres.roles", here.Roles, there.Shared.Roles},
		{"postgres.databases and postgres.extensions", here.Databases, there.Shared.Databases},
	} {
		if c.here != c.there {
			v.Problem("", "%s: differ from those of %s, and all members share them: whoever leads sets its own. Write them where they are of all hosts of the cluster", c.what, first.Name)
		}
	}
}
