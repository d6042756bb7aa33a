package patroni_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner/roletest"
)

// quick is a cluster whose members look at the settings every second.
func quick(sections map[string]string) roletest.Cluster {
	all := map[string]string{"patroni": "loop_wait: 1\nretry_timeout: 3\nsynchronous_mode: \"off\""}
	for role, text := range sections {
		all[role] = strings.TrimPrefix(all[role]+"\n"+text, "\n")
	}
	return three(all)
}

// Drift that no file of pgrun's shows is seen in what runs, and taken back.
func TestDriftInWhatRuns(t *testing.T) {
	const data = "/var/lib/postgresql/17/orders/"
	for _, c := range []struct {
		name string
		do   func(*machine)
		step string // that changes, with its reason
		warn string
		gone func(*machine) bool
	}{
		{
			"ALTER SYSTEM of what the inventory has", func(m *machine) { m.server.system["wal_compression"] = "off" },
			"changed: settings made past Patroni (taken back: wal_compression in postgresql.auto.conf)", "",
			func(m *machine) bool { return len(m.server.system) == 0 },
		},
		{
			"ALTER SYSTEM of what it has not", func(m *machine) { m.server.system["fsync"] = "off" }, "",
			"PostgreSQL has fsync in postgresql.auto.conf, which the inventory does not describe",
			func(m *machine) bool { return m.server.system["fsync"] == "off" },
		},
		{
			"postgresql.conf by hand", func(m *machine) { m.server.edited = "fsync = off" }, "",
			"PostgreSQL has fsync in postgresql.conf, which the inventory does not describe", nil,
		},
		{
			"postgresql.conf by hand, of what the inventory has", func(m *machine) { m.server.edited = "max_wal_size = 1GB" },
			"changed: what runs is what was asked for (max_wal_size is 1GB, and shall be 4096MB)", "",
			func(m *machine) bool { return m.server.edited == "" },
		},
		{
			"pg_hba.conf by hand", func(m *machine) {
				m.Put(data+"pg_hba.conf", m.Content(data+"pg_hba.conf")+"host all all 0.0.0.0/0 trust\n")
			},
			"changed: what runs is what was asked for (pg_hba.conf is not what the inventory says)", "",
			func(m *machine) bool { return !strings.Contains(m.Content(data+"pg_hba.conf"), "trust") },
		},
		{
			"a tag that Patroni still has", func(m *machine) { m.server.config.Tags = map[string]any{"nofailover": true} },
			"changed: what runs is what was asked for (the tag nofailover is on in Patroni, and shall be off)", "",
			func(m *machine) bool { return m.server.config.Tags == nil },
		},
		{
			"edit-config of what the inventory has not", func(m *machine) {
				m.settings["slots"] = map[string]any{"x": map[string]any{"type": "physical"}}
			}, "", "the settings in etcd have slots, which the inventory does not describe", nil,
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m, cluster := newMachine(t, "db1"), quick(nil)
				apply(t, cluster, "db1", m, false)
				c.do(m)
				checked, err := cluster.Apply(t, "db1", "patroni", m, true)
				if err != nil || !strings.Contains(checked.String(), c.step) {
					t.Errorf("--check does not say it: %v\n%s", err, checked)
				}
				steps, err := cluster.Apply(t, "db1", "patroni", m, false)
				if err != nil || !strings.Contains(steps.String(), c.step) || c.step == "" && len(steps.Changed()) > 0 {
					t.Errorf("want %q: %v\n%s", c.step, err, steps)
				}
				if warned := strings.Join(steps.Warnings(), "\n"); !strings.Contains(warned, c.warn) || c.warn == "" && warned != "" {
					t.Errorf("want the warning %q, got %q", c.warn, warned)
				}
				if c.gone != nil && !c.gone(m) {
					t.Error("it is not as it should be")
				}
				if steps, err = cluster.Apply(t, "db1", "patroni", m, false); err != nil || len(steps.Changed()) > 0 {
					t.Errorf("a second run changes something: %v\n%s", err, steps)
				}
			})
		})
	}
}

func TestUnmanagedSettingsAreRemovedOrIgnored(t *testing.T) {
	synctest.Test(t, unmanagedSettingsAreRemovedOrIgnored)
}

func unmanagedSettingsAreRemovedOrIgnored(t *testing.T) {
	for _, mode := range []string{"remove", "ignore"} {
		m, c := newMachine(t, "db1"), quick(map[string]string{"patroni": "unmanaged: " + mode})
		apply(t, c, "db1", m, false)
		m.server.system["fsync"] = "off"
		m.settings["maximum_lag_on_syncnode"] = 5
		m.settings["postgresql"].(map[string]any)["parameters"].(map[string]any)["autovacuum"] = "off"
		m.settings["slots"], m.settings["pause"] = map[string]any{"x": 1}, true
		steps, err := c.Apply(t, "db1", "patroni", m, false)
		if err != nil {
			t.Fatalf("%v\n%s", err, steps)
		}
		parameters := m.settings["postgresql"].(map[string]any)["parameters"].(map[string]any)
		left := strings.TrimSpace(fmt.Sprintln(m.server.system["fsync"], m.settings["maximum_lag_on_syncnode"], parameters["autovacuum"]))
		want, warnings := "<nil> <nil>", 1 // slots are never removed
		if mode == "ignore" {
			want, warnings = "off 5 off", 0
		}
		if left != want || m.settings["slots"] == nil || m.settings["pause"] == nil {
			t.Errorf("%s: %s is left, want %s", mode, left, want)
		}
		if list := steps.Warnings(); len(list) != warnings {
			t.Errorf("%s: %q", mode, list)
		}
	}
}

// A setting that leaves the inventory leaves the cluster, and what somebody
// else made stays.
func TestASettingThatLeavesTheInventoryIsTakenBack(t *testing.T) {
	synctest.Test(t, aSettingThatLeavesTheInventoryIsTakenBack)
}

func aSettingThatLeavesTheInventoryIsTakenBack(t *testing.T) {
	m := newMachine(t, "db1")
	with := quick(map[string]string{"postgres": "parameters: {work_mem: 64MB, pgaudit.log: ddl}"})
	apply(t, with, "db1", m, false)
	parameters := func() map[string]any {
		return m.settings["postgresql"].(map[string]any)["parameters"].(map[string]any)
	}
	parameters()["autovacuum"] = "off"
	text := apply(t, quick(nil), "db1", m, false)
	if parameters()["work_mem"] != nil || parameters()["pgaudit.log"] != nil || parameters()["autovacuum"] != "off" {
		t.Errorf("settings are %v\n%s", parameters(), text)
	}
	if again := apply(t, quick(nil), "db1", m, false); strings.Contains("\n"+again, "\nchanged: ") {
		t.Errorf("a second run changes something:\n%s", again)
	}
}

// Patroni leaves out a value that it cannot read, and only its log says so.
func TestASettingThatPatroniDropsIsAFailure(t *testing.T) {
	synctest.Test(t, aSettingThatPatroniDropsIsAFailure)
}

func aSettingThatPatroniDropsIsAFailure(t *testing.T) {
	m := newMachine(t, "db1")
	apply(t, quick(nil), "db1", m, false)
	m.Say("INFO: no action\nWARNING: Removing integer parameter=maintenance_work_mem from the config due to the invalid value=1PB\n", "journalctl")
	m.server.drops = "maintenance_work_mem"
	changed := quick(map[string]string{"postgres": "parameters: {maintenance_work_mem: 1PB}"})
	_, err := changed.Apply(t, "db1", "patroni", m, false)
	if err == nil || !strings.Contains(err.Error(), "maintenance_work_mem is its default, and shall be 1PB") || !strings.Contains(err.Error(), "Removing integer parameter") {
		t.Errorf("not a failure with the last words: %v", err)
	}
}

// The member's own port or address may wait for a restart: Patroni's word for
// that is waited for, so that the play after this one sees it.
func TestARestartThatIsDueIsWaitedFor(t *testing.T) { synctest.Test(t, aRestartThatIsDueIsWaitedFor) }

func aRestartThatIsDueIsWaitedFor(t *testing.T) {
	m := newMachine(t, "db1")
	apply(t, quick(nil), "db1", m, false)
	asked := 0
	m.Handle("GET", "http://10.0.0.11:8008/patroni", func(modules.Request) (*modules.Response, error) {
		asked++
		return &modules.Response{Status: 200, Body: fmt.Appendf(nil, `{"state":"running","role":"primary","pending_restart":%t}`, asked > 3)}, nil
	})
	m.server.waits = "cluster_name"
	steps, err := quick(nil).Apply(t, "db1", "patroni", m, false)
	if err != nil || asked < 4 || len(steps.Changed()) > 0 {
		t.Errorf("asked %d times: %v\n%s", asked, err, steps)
	}
}
