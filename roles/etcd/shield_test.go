package etcd

import (
	"slices"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/modules"
)

// A unit that asks for folders of its own does not start where a container may
// not mount, and one without /home finds no data there.
func TestUnitIsShieldedAsFarAsItCan(t *testing.T) {
	for _, c := range []struct {
		section   string
		container bool
		want, not []string
	}{
		{"", false, []string{"ProtectSystem=full", "PrivateTmp=yes", "ProtectHome=yes"}, nil},
		{"data_dir: /home/etcd/data", false, []string{"ProtectSystem=full"}, []string{"ProtectHome"}},
		{"", true, nil, []string{"Protect", "Private"}},
	} {
		cluster := inventory(c.section)
		view, _ := cluster.View(t, "db1", Name)
		m, err := newMachine(cluster.Role(t, "db1", Name).(*Role), view)
		if err != nil {
			t.Fatal(err)
		}
		unit := m.unitDropIn(c.container)
		text, err := modules.Render("unit", unit.Text, unit.Data)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range append(c.want, "NoNewPrivileges=yes", "CapabilityBoundingSet=\n", "LimitCORE=0") {
			if !strings.Contains(text, want) {
				t.Errorf("%+v: %q is missing:\n%s", c, want, text)
			}
		}
		if slices.ContainsFunc(c.not, func(word string) bool { return strings.Contains(text, "\n"+word) }) {
			t.Errorf("%+v:\n%s", c, text)
		}
	}
}

// The head of the log is read by etcd's own user.
func TestWhatReadsTheDataIsEtcd(t *testing.T) {
	s := newSimulator("db1", "db2", "db3")
	h := asMember(t, s, "")
	var users []string
	h.Answer(func(c modules.Command) (string, error) {
		users = append(users, c.User)
		return wal(1, 0xc1), nil
	}, "head")
	if steps, err := inventory("").Apply(t, "db1", Name, h, false); err != nil {
		t.Fatalf("%v\n%s", err, steps)
	}
	if len(users) == 0 || slices.ContainsFunc(users, func(user string) bool { return user != "etcd" }) {
		t.Errorf("the log was read by %q", users)
	}
}
