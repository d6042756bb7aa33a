package patroni_test

import (
	"strings"
	"testing"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/modules/fake"
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
