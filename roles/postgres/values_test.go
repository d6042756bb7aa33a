package postgres_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/modules/fake"
	"github.com/pgrun/pgrun/runner"
)

// program answers as the server's program does: it stops at the first value
// that it does not take.
func program(values map[string]string) func(modules.Command) (string, error) {
	return func(c modules.Command) (string, error) {
		for i, arg := range c.Argv {
			if c.Argv[max(i-1, 0)] != "-c" {
				continue
			}
			name, value, _ := strings.Cut(arg, "=")
			switch {
			case value == "maybe":
				return "", &modules.ExitError{Code: 1, Stderr: fmt.Sprintf("FATAL:  invalid value for parameter %q: %q\nHINT:  Available values: always, on, off.\n", name, value)}
			case name == "timezone" && value == "Nowhere":
				return "", &modules.ExitError{Code: 1, Stderr: "FATAL:  invalid value for parameter \"TimeZone\": \"Nowhere\"\n"}
			case name == "no_such":
				return "", &modules.ExitError{Code: 1, Stderr: "FATAL:  unrecognized configuration parameter \"no_such\"\n"}
			}
		}
		return values[c.Argv[2]] + "\n", nil
	}
}

func TestValuesThatTheServerCannotRunWith(t *testing.T) {
	for _, c := range []struct {
		name, parameters string
		printed          map[string]string
		want             []string // "" is none
	}{
		{"none", "{}", nil, nil},
		{"good", "{work_mem: 24MB, jit: false}", map[string]string{"work_mem": "24576"}, nil},
		{"each that is wrong", "{archive_mode: maybe, TimeZone: Nowhere, no_such: 1, work_mem: 24MB}", map[string]string{"work_mem": "24576"}, []string{
			`archive_mode = maybe: invalid value for parameter "archive_mode": "maybe". Available values: always, on, off;`,
			`no_such = 1: unrecognized configuration parameter "no_such"`, `timezone = Nowhere: `,
		}},
		{"more than the memory", "{shared_buffers: 100GB}", map[string]string{"shared_buffers": "13107200"}, []string{"shared_buffers = 100GB: db1 has 4096 MB of memory"}},
		{"most of the memory", "{shared_buffers: 3GB}", map[string]string{"shared_buffers": "393216"}, nil},
		{"more than the disk", "{max_wal_size: 1TB}", map[string]string{"max_wal_size": "1048576"}, []string{"max_wal_size = 1TB: db1 has 95367 MB on the disk of /var/lib/postgresql"}},
		{"no limit", "{max_slot_wal_keep_size: -1}", map[string]string{"max_slot_wal_keep_size": "-1"}, nil},
	} {
		h := bare()
		h.Install(fake.Package{Name: "postgresql-17", Version: "17.11-0+deb13u1"})
		h.Put("/usr/lib/postgresql/17/bin/postgres", "")
		h.PutDir("/var/lib/postgresql", modules.Attributes{})
		h.Answer(program(c.printed), "/usr/lib/postgresql/17/bin/postgres")
		h.Say("1B-blocks\n100000000000\n", "df")
		cluster := one("parameters: " + c.parameters)
		target, _ := cluster.Target(t, "db1", "postgres", h, true)
		err := cluster.Action(t, "db1", "postgres", "check").Do(t.Context(), target)
		if runner.IsRefused(err) != (len(c.want) > 0) || err != nil && len(c.want) == 0 {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		for _, want := range c.want {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: it does not say %q: %v", c.name, want, err)
			}
		}
	}
}

// Before its packages there is no program that could tell.
func TestValuesOfAHostWithoutTheServer(t *testing.T) {
	cluster := one("parameters: {archive_mode: maybe}")
	target, steps := cluster.Target(t, "db1", "postgres", bare(), true)
	if err := cluster.Action(t, "db1", "postgres", "check").Do(t.Context(), target); err != nil || !strings.Contains(steps.String(), "PostgreSQL 17 is not installed yet") {
		t.Errorf("%v\n%s", err, steps)
	}
}
