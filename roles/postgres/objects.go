package postgres

import (
	"slices"
	"strings"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// mute keeps statements that carry verifiers out of the server's log and
// statistics, whatever auditing is on, for the session that they run in. What
// is decided when a transaction begins is set before that.
const mute = `SET log_statement = 'none';
SET log_min_duration_statement = -1;
SET log_min_duration_sample = -1;
SET log_transaction_sample_rate = 0;
SET log_min_error_statement = 'panic';
SET pg_stat_statements.track_utility = 'off';
SET pgaudit.log = 'none';
BEGIN;
`

// Objects are the steps that make roles, databases and extensions what the
// section says. They run on the leader only. own are the roles that Patroni
// makes.
func (r *Role) Objects(t *runner.Target, s Server, own []DatabaseRole) []modules.Module {
	var steps []modules.Module
	for _, role := range slices.Concat(own, r.Roles) {
		steps = append(steps, role.step(t, s))
	}
	steps = append(steps, rewinds(s, RewindUser))
	for _, role := range r.Roles {
		for _, group := range role.MemberOf {
			steps = append(steps, membership(s, role.Name, group))
		}
	}
	for _, db := range r.Databases {
		steps = append(steps, db.step(s))
	}
	for _, db := range r.Databases {
		for _, e := range r.extensionsOf(db) {
			steps = append(steps, e.step(s, db.Name))
		}
	}
	return steps
}

// extensionsOf are those of all databases and those of this one, which say
// more than those.
func (r *Role) extensionsOf(db Database) []Extension {
	list := slices.Concat(db.Extensions, r.Extensions)
	byName := func(a, b Extension) int { return strings.Compare(a.Name, b.Name) }
	slices.SortStableFunc(list, byName)
	return slices.CompactFunc(list, func(a, b Extension) bool { return a.Name == b.Name })
}

// lines joins what a diff shows of an object.
func lines(list ...string) string { return strings.Join(list, "\n") + "\n" }
