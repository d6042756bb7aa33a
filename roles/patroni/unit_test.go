package patroni_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// What reads a folder of postgres is postgres: it could read no more if that
// folder misled it.
func TestWhatReadsTheDataIsPostgres(t *testing.T) {
	m, c := newMachine(t, "db1"), three(nil)
	users := map[string][]string{}
	note := func(stdout string, program ...string) {
		m.Answer(func(c modules.Command) (string, error) {
			users[program[0]] = append(users[program[0]], c.User)
			return stdout, nil
		}, program...)
	}
	note("", "/usr/bin/python3", "-I", "-c")
	note("Database system identifier:           7400000000000000001\n", "/usr/lib/postgresql/17/bin/pg_controldata")
	m.Put("/var/lib/postgresql/17/orders/global/pg_control", "")
	m.Serve("POST", "http://10.0.0.11:2379/v3/kv/range", 200, `{"kvs":[{"value":"NzQwMDAwMDAwMDAwMDAwMDAwMQ=="}]}`)
	if steps, err := c.Apply(t, "db1", "patroni", m, false); err != nil {
		t.Fatalf("%v\n%s", err, steps)
	}
	if len(users) != 2 {
		t.Errorf("these were run: %v", users)
	}
	for program, list := range users {
		if slices.ContainsFunc(list, func(user string) bool { return user != "postgres" }) {
			t.Errorf("%s ran as %q", program, list)
		}
	}
}

// A unit that asks for folders of its own does not start where a container may
// not mount.
func TestAContainersUnitAsksForNoFolders(t *testing.T) {
	for _, container := range []bool{false, true} {
		m, c := newMachine(t, "db1"), three(nil)
		for i := range c.Hosts {
			c.Hosts[i].Facts = runner.Facts{OS: "debian", Codename: "trixie", Version: "13", CPUs: 2, Memory: 4 << 30, Container: container}
		}
		if steps, err := c.Apply(t, "db1", "patroni", m, false); err != nil {
			t.Fatalf("%v\n%s", err, steps)
		}
		text := m.Content("/etc/systemd/system/patroni.service.d/pgrun.conf")
		if strings.Contains(text, "Protect") == container || !strings.Contains(text, "\nNoNewPrivileges=yes\nLockPersonality=yes\n") {
			t.Errorf("container %v:\n%s", container, text)
		}
	}
}
