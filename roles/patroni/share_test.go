package patroni_test

import (
	"strings"
	"testing"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/modules/fake"
	"github.com/pgrun/pgrun/runner"
)

// Patroni's own settings restart nothing, so there is nothing to ask the
// server: psql takes an absent list for null, and that is no list.
func TestPatronisOwnSettingsAskTheServerNothing(t *testing.T) {
	m, c := newMachine(t, "db1"), three(nil)
	apply(t, c, "db1", m, false)
	asked := 0
	m.Answer(func(c modules.Command) (string, error) {
		if strings.Contains(string(c.Stdin), `\set names`) {
			asked++
			return "", fake.Exit(3, "ERROR:  cannot extract elements from a scalar")
		}
		return m.psql(c)
	}, "/usr/lib/postgresql/17/bin/psql")
	text := apply(t, three(map[string]string{"patroni": "ttl: 40"}), "db1", m, false)
	if !strings.Contains(text, "changed: settings of all members (differ: ttl)") {
		t.Errorf("the settings were not sent:\n%s", text)
	}
	if asked != 0 {
		t.Errorf("the server was asked %d times which settings need a restart", asked)
	}
}

// Patroni leaves a setting out that the server does not know, and only its log
// says so.
func TestUnknownSettingsAreRefused(t *testing.T) {
	m, c := newMachine(t, "db1"), three(nil)
	apply(t, c, "db1", m, false)
	asked := ""
	m.Answer(func(c modules.Command) (string, error) {
		if script := string(c.Stdin); strings.Contains(script, "lower(name)") {
			asked = script
			return `["vacuum_defer_cleanup_age"]`, nil
		}
		return m.psql(c)
	}, "/usr/lib/postgresql/17/bin/psql")
	m.ClearLog()
	c = three(map[string]string{"postgres": "parameters: {Vacuum_defer_cleanup_age: 100, TimeZone: UTC, pgaudit.log: ddl, jit: null}"})
	_, err := c.Apply(t, "db1", "patroni", m, false)
	if !runner.IsRefused(err) || !strings.Contains(err.Error(), "vacuum_defer_cleanup_age") || strings.Contains(m.Log(), "PATCH") {
		t.Errorf("not refused before it was sent: %v", err)
	}
	if !strings.Contains(asked, `["timezone","vacuum_defer_cleanup_age"]`) {
		t.Errorf("asked about others than the section's:\n%s", asked)
	}
}

// A new password of the REST API counts after Patroni's reload, which it does
// when it has been round its loop.
func TestANewRestPasswordIsWaitedFor(t *testing.T) {
	m, c := newMachine(t, "db1"), three(nil)
	apply(t, c, "db1", m, false)
	refusals := 2
	m.Handle("PATCH", "http://10.0.0.11:8008/config", func(modules.Request) (*modules.Response, error) {
		if refusals--; refusals >= 0 {
			return &modules.Response{Status: 401}, nil
		}
		return &modules.Response{Status: 200, Body: []byte("{}")}, nil
	})
	if text := apply(t, three(map[string]string{"patroni": "ttl: 40"}), "db1", m, false); refusals != -1 {
		t.Errorf("%d refusals are left:\n%s", refusals, text)
	}
}
