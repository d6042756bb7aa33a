package patroni_test

import (
	"strings"
	"testing"

	"github.com/pgrun/pgrun/modules/fake"
)

// In check mode nobody was upgraded before the leader: that is no reason to say that it could not hand over.
func TestUpgradeOfTheLeaderInCheckMode(t *testing.T) {
	m, c := newMachine(t, "db1"), three(nil)
	apply(t, c, "db1", m, false)
	m.Offer(fake.Package{Name: "patroni", Version: "4.1.5-2", Units: []string{"patroni.service"}})
	upgrade := c.Action(t, "db1", "patroni", "upgrade")
	target, steps := c.Target(t, "db1", "patroni", m, true)
	if why, err := upgrade.Due(t.Context(), target.Observer); err != nil || !strings.Contains(why, "4.1.5") {
		t.Fatalf("due: %q, %v", why, err)
	}
	if err := upgrade.Do(t.Context(), target); err != nil {
		t.Fatalf("%v\n%s", err, steps)
	}
	changed := strings.Join(steps.Changed(), "\n")
	for _, want := range []string{"switchover", "packages"} {
		if !strings.Contains(changed, want) {
			t.Errorf("it does not say %q:\n%s", want, changed)
		}
	}
	target, steps = c.Target(t, "db1", "patroni", m, false)
	if err := upgrade.Do(t.Context(), target); err == nil || !strings.Contains(err.Error(), "no replica that could take over") {
		t.Errorf("a leader handed over to a replica with the older version: %v\n%s", err, steps)
	}
}
