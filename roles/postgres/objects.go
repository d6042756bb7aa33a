package postgres

import (
	"context"
	"fmt"
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

// Objects make roles, databases and extensions what the section says. They run
// on the leader only. own are the roles that Patroni and pgrun use. What cannot
// be done is refused before anything is.
func (r *Role) Objects(ctx context.Context, t *runner.Target, s Server, own []DatabaseRole) error {
	v, err := r.survey(s, own)
	if err != nil {
		return err
	}
	live, err := v.read(ctx, t)
	if err != nil {
		return err
	}
	if err := r.refuseMissing(live, own); err != nil {
		return err
	}
	if err := r.refuseGoing(ctx, t, v, live); err != nil {
		return err
	}
	if others := strangers(live); others != "" {
		t.Warn("%s", others)
	}
	return t.Ensure(ctx, r.steps(t, v, own)...)
}

func (r *Role) steps(t *runner.Target, v *survey, own []DatabaseRole) []modules.Module {
	var steps []modules.Module
	for _, role := range slices.Concat(own, present(r.Roles)) {
		steps = append(steps, role.step(t, v))
	}
	steps = append(steps, rewinds(v.Server, RewindUser))
	for _, role := range present(r.Roles) {
		for _, group := range role.MemberOf {
			steps = append(steps, membership(v, role.Name, group))
		}
		if role.MemberOfExact {
			steps = append(steps, role.noOthers(v))
		}
	}
	for _, db := range r.Databases {
		if !db.absent() {
			steps = append(steps, db.step(v))
		}
	}
	steps = append(steps, r.settingSteps(v)...)
	for _, db := range r.Databases {
		for _, e := range r.extensionsOf(db) {
			steps = append(steps, e.step(v, db.Name))
		}
	}
	return append(steps, r.going(v)...)
}

// refuseMissing refuses roles that are named and nowhere made.
func (r *Role) refuseMissing(live *liveCluster, own []DatabaseRole) error {
	known := map[string]bool{}
	for name := range live.Roles {
		known[name] = true
	}
	for _, role := range slices.Concat(own, present(r.Roles)) {
		known[role.Name] = true
	}
	for _, db := range r.Databases {
		if db.Owner != "" && !db.absent() && !known[db.Owner] {
			return runner.Refuse("the database %s is to belong to %s, and neither the inventory nor the cluster has such a role: write it in postgres.roles, or correct the name", db.Name, db.Owner)
		}
	}
	for _, role := range present(r.Roles) {
		for _, group := range role.MemberOf {
			if !known[group] && !strings.HasPrefix(group, "pg_") {
				return runner.Refuse("the role %s is to be a member of %s, and neither the inventory nor the cluster has such a role: write it in postgres.roles, or correct the name", role.Name, group)
			}
		}
	}
	return nil
}

// strangers names the roles that the inventory does not have: nobody notices
// otherwise who can still log in.
func strangers(live *liveCluster) string {
	var list []string
	for _, other := range live.Others {
		what := "login"
		if other.Super {
			what = "superuser"
		}
		list = append(list, fmt.Sprintf("%s (%s)", other.Name, what))
	}
	if len(list) == 0 {
		return ""
	}
	if n := live.More - len(list); n > 0 {
		list = append(list, fmt.Sprintf("and %d more", n))
	}
	return "roles that the inventory does not have: " + strings.Join(list, ", ") + "; write them in postgres.roles, those that shall go with state: absent"
}

// extensionsOf are those of all databases and those of this one, which say
// more than those.
func (r *Role) extensionsOf(db Database) []Extension {
	if db.absent() {
		return nil
	}
	list := slices.Concat(db.Extensions, r.Extensions)
	byName := func(a, b Extension) int { return strings.Compare(a.Name, b.Name) }
	slices.SortStableFunc(list, byName)
	return slices.CompactFunc(list, func(a, b Extension) bool { return a.Name == b.Name })
}

func compact(names []string) []string {
	slices.Sort(names)
	return slices.Compact(names)
}

// lines joins what a diff shows of an object.
func lines(list ...string) string { return strings.Join(list, "\n") + "\n" }
