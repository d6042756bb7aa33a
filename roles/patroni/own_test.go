package patroni_test

import (
	"strings"
	"testing"

	"github.com/pgrun/pgrun/modules"
)

// Patroni makes its roles when it makes the cluster. In one that it took over,
// or that broke off then, they may be missing, and without their attributes no
// replica streams.
func TestPatronisRolesAreMadeWhole(t *testing.T) {
	m, c := newMachine(t, "db1"), three(nil)
	m.lost = []string{"replicator", "rewind_user"}
	made := map[string]string{}
	m.Answer(func(c modules.Command) (string, error) {
		script := string(c.Stdin)
		for _, name := range []string{"replicator", "rewind_user"} {
			switch {
			case !strings.Contains(script, `\set name '`+name+`'`):
			case strings.Contains(script, "has_function_privilege"):
				return "false", nil
			default:
				made[name] += script
				return "", nil
			}
		}
		return m.psql(c)
	}, "/usr/lib/postgresql/17/bin/psql")
	apply(t, c, "db1", m, false)
	for name, want := range map[string][]string{
		"replicator":  {"CREATE ROLE", " LOGIN NOSUPERUSER", " REPLICATION ", "PASSWORD :'verifier'"},
		"rewind_user": {"CREATE ROLE", " LOGIN NOSUPERUSER", " NOREPLICATION ", "PASSWORD :'verifier'", "GRANT EXECUTE ON FUNCTION pg_catalog.pg_ls_dir("},
	} {
		for _, part := range want {
			if !strings.Contains(made[name], part) {
				t.Errorf("%s is made without %q:\n%s", name, part, made[name])
			}
		}
	}
}

// Nobody notices otherwise who can still log in.
func TestRolesThatTheInventoryDoesNotHaveAreNamed(t *testing.T) {
	m, c := newMachine(t, "db1"), three(nil)
	apply(t, c, "db1", m, false)
	m.others = []map[string]any{{"name": "evil", "super": true}, {"name": "old", "super": false}}
	steps, err := c.Apply(t, "db1", "patroni", m, false)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(steps.Warnings(), "\n"); !strings.HasPrefix(got, "roles that the inventory does not have: evil (superuser), old (login);") {
		t.Errorf("warnings: %q", got)
	}
}
