package patroni_test

import (
	"strings"
	"testing"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// A running Patroni takes none of these at a reload. At its next start it
// would be in another cluster: a replica under another namespace would lead
// there, beside the leader that it left.
func TestARunningMemberStaysWhatItIs(t *testing.T) {
	for _, c := range []struct{ name, says, role, section string }{
		{"namespace", "patroni.namespace", "patroni", "namespace: /other"},
		{"major version", "cluster.postgres_version", "cluster", "postgres_version: 16"},
		{"folder", "postgres.data_dir", "postgres", "data_dir: /data"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := newMachine(t, "db1")
			apply(t, three(nil), "db2", m, false)
			before := m.Content("/etc/patroni/config.yml")
			_, err := three(map[string]string{c.role: c.section}).Apply(t, "db2", "patroni", m, false)
			if !runner.IsRefused(err) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("not refused by %s: %v", c.says, err)
			}
			if m.Content("/etc/patroni/config.yml") != before {
				t.Error("the configuration was written")
			}
		})
	}
}

func TestDataIsNotLeftBehind(t *testing.T) {
	m := newMachine(t, "db1")
	apply(t, three(nil), "db2", m, false)
	m.SetUnit(modules.Unit{Name: "patroni.service", UnitFileState: "enabled"})
	m.Put("/var/lib/postgresql/17/orders/global/pg_control", "")
	moved := three(map[string]string{"postgres": "data_dir: /data"})
	_, err := moved.Apply(t, "db2", "patroni", m, false)
	if !runner.IsRefused(err) || !strings.Contains(err.Error(), "/var/lib/postgresql/17/orders") || !strings.Contains(err.Error(), "/data/17/orders") {
		t.Errorf("not refused with both folders: %v", err)
	}
	m.Delete("/var/lib/postgresql/17/orders/global/pg_control")
	m.Put("/data/17/orders/global/pg_control", "")
	m.Say("Database system identifier:           7400000000000000001\n", "/usr/lib/postgresql/17/bin/pg_controldata")
	m.Serve("POST", "http://10.0.0.11:2379/v3/kv/range", 200, `{"kvs":[{"value":"NzQwMDAwMDAwMDAwMDAwMDAwMQ=="}]}`)
	if _, err := moved.Apply(t, "db2", "patroni", m, false); err != nil {
		t.Errorf("refused after the data was moved: %v", err)
	}
}
