//go:build integration

package integration

import (
	"path/filepath"
	"strings"
	"testing"
)

// Roles and databases come with their settings, and go when the inventory says so: data only when it is named twice.
func objectsComeAndGo(t *testing.T, c *cluster) {
	app := "{name: app, password: !file " + filepath.Join(c.Dir, "secrets", "app") + "}"
	with := func(roles, databases string) string {
		return c.overlay(t, "postgres:\n  roles: ["+app+", "+roles+"]\n  databases: [{name: app, owner: app}, "+databases+"]")
	}
	there := with("{name: bob, member_of: [pg_monitor], valid_until: 2031-01-01, settings: {search_path: 'old, public', TimeZone: UTC}, settings_in: {old: {work_mem: 8MB}}}",
		"{name: old, owner: bob, settings: {statement_timeout: 5min}, extensions: [{name: citext, schema: own}]}")
	c.site(t, "-i", there).want(t, 0)
	c.site(t, "-i", there).unchanged(t, len(c.Hosts))
	leader := c.leader(t)
	const settings = "SELECT coalesce(string_agg(s, ' ' ORDER BY s), '') FROM pg_db_role_setting, unnest(setconfig) s"
	if got := sql(t, leader, settings); got != "TimeZone=UTC search_path=old, public statement_timeout=5min work_mem=8MB" {
		t.Errorf("settings: %s", got)
	}

	c.site(t, "-i", with("{name: bob, state: absent}", "{name: old}")).want(t, gateRefused)
	c.site(t, "-i", with("{name: bob, state: absent}", "{name: old, state: absent}")).want(t, gateRefused)
	if got := sql(t, leader, "SELECT count(*) FROM pg_database WHERE datname = 'old'"); got != "1" {
		t.Fatal("a database was dropped that was named once")
	}
	less := with("{name: bob, settings: {}}", "{name: old, owner: bob, extensions: [{name: citext, state: absent}]}")
	c.site(t, "-i", less).want(t, 0)
	if got := sql(t, leader, settings); got != "statement_timeout=5min work_mem=8MB" {
		t.Errorf("settings that are not named any more: %s", got)
	}
	gone := with("{name: bob, state: absent}", "{name: old, state: absent, drop_data: old}")
	c.site(t, "-i", gone, "--check").want(t, wouldChange)
	c.site(t, "-i", gone).want(t, 0)
	c.site(t, "-i", gone).unchanged(t, len(c.Hosts))

	sql(t, leader, "CREATE ROLE stranger LOGIN")
	if r := c.site(t).want(t, 0); strings.Count(r.stdout, "roles that the inventory does not have: stranger (login)") != 1 {
		t.Errorf("a role that the inventory does not have is not named once:\n%s", last(r.stdout, 3000))
	}
	sql(t, leader, "DROP ROLE stranger")
	c.site(t).unchanged(t, len(c.Hosts))
}
