//go:build integration

package integration

import (
	"strings"
	"testing"

	"github.com/pgrun/pgrun/integration/lab"
)

// The owner of a database puts functions and operators in the way of what a superuser asks there, and changes what sessions begin with.
// Nothing of it runs when pgrun asks, and then it runs for a superuser who is less careful: the traps are real.
func hostileOwner(t *testing.T, c *cluster) {
	leader := c.leader(t)
	feed(t, leader, "SET SESSION AUTHORIZATION app;\n"+`
CREATE FUNCTION public.trap(text) RETURNS boolean LANGUAGE plpgsql AS $f$ BEGIN
  EXECUTE format('COPY (SELECT 1) TO PROGRAM %L', 'echo ' || $1 || ' >> /tmp/trapped'); RETURN true;
END $f$;
CREATE FUNCTION public.to_json(boolean) RETURNS json LANGUAGE sql AS $f$ SELECT public.trap('to_json'); SELECT 'true'::json $f$;
CREATE SCHEMA evil;
CREATE FUNCTION evil.eq(name, name) RETURNS boolean LANGUAGE sql AS $f$ SELECT public.trap('name') $f$;
CREATE FUNCTION evil.eq(oid, oid) RETURNS boolean LANGUAGE sql AS $f$ SELECT public.trap('oid') $f$;
CREATE OPERATOR evil.= (LEFTARG = name, RIGHTARG = name, FUNCTION = evil.eq);
CREATE OPERATOR evil.= (LEFTARG = oid, RIGHTARG = oid, FUNCTION = evil.eq);
ALTER DATABASE app SET search_path = evil, public, pg_catalog;
ALTER DATABASE app SET statement_timeout = 1;
ALTER DATABASE app SET default_transaction_read_only = on;
ALTER DATABASE app SET local_preload_libraries = 'nowhere';
`)
	overlay := c.overlay(t, "postgres: {extensions: [pg_trgm, pg_buffercache]}")
	c.site(t, "-i", overlay, "--check").want(t, wouldChange)
	c.site(t, "-i", overlay).want(t, 0)
	c.site(t, "-i", overlay).unchanged(t, len(c.Hosts))
	if out, err := leader.Exec(t.Context(), "cat", "/tmp/trapped"); err == nil {
		t.Errorf("a database's owner ran commands as the superuser: %s", out)
	}
	on(t, leader, "runuser", "-u", "postgres", "--", "psql", "-XAtq", "-c", "ALTER DATABASE app RESET local_preload_libraries")
	on(t, leader, "runuser", "-u", "postgres", "--", "env", "PGOPTIONS=-c statement_timeout=0", "psql", "-XAtq", "-d", "app",
		"-c", "SELECT to_json(EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = 'x'))")
	if out := on(t, leader, "cat", "/tmp/trapped"); !strings.Contains(out, "name") {
		t.Errorf("the traps do not work, so the step proves nothing: %q", out)
	}
	on(t, leader, "rm", "/tmp/trapped")
	if owners := feed(t, leader, `SELECT e.extname, r.rolname, n.nspname FROM pg_extension e JOIN pg_roles r ON r.oid = e.extowner
  JOIN pg_namespace n ON n.oid = e.extnamespace WHERE extname LIKE 'pg\_%' ORDER BY 1`); owners != "pg_buffercache|postgres|public\npg_trgm|app|public" {
		t.Errorf("the extensions are of: %s", owners)
	}
	feed(t, leader, "DROP EXTENSION pg_trgm, pg_buffercache; DROP SCHEMA evil CASCADE; DROP FUNCTION public.to_json(boolean), public.trap(text); ALTER DATABASE app RESET ALL")
	c.site(t).unchanged(t, len(c.Hosts))
}

// feed runs SQL in the application's database as the superuser, by names of pg_catalog.
func feed(t *testing.T, h *lab.Host, text string) string {
	t.Helper()
	out, err := h.Feed(t.Context(), strings.NewReader(text), "runuser", "-u", "postgres", "--",
		"env", "PGOPTIONS=-c search_path=pg_catalog -c statement_timeout=0 -c default_transaction_read_only=off", "psql", "-XAtq", "-v", "ON_ERROR_STOP=1", "-d", "app")
	if err != nil {
		t.Fatalf("%s: %v\n%s", h.Name, err, text)
	}
	return strings.TrimSpace(out)
}
