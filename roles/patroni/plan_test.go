package patroni_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner/roletest"
)

// restartPlan is what a check of the change says about a restart of the host.
func restartPlan(t *testing.T, host string, m *machine, changed roletest.Cluster) (why string, rank int, planned []roletest.Report, steps *roletest.Steps) {
	t.Helper()
	target, steps := changed.Target(t, host, "patroni", m, true)
	if err := changed.Role(t, host, "patroni").Apply(t.Context(), target); err != nil {
		t.Fatal(err)
	}
	action := changed.Action(t, host, "patroni", "restart")
	why, err := action.Due(t.Context(), target.Observer)
	if err != nil || why == "" {
		return why, 0, nil, steps
	}
	if rank, err = action.Rank(t.Context(), target.Observer); err != nil {
		t.Fatal(err)
	}
	if err := action.Do(t.Context(), target); err != nil {
		t.Fatalf("%v\n%s", err, steps)
	}
	return why, rank, steps.Planned(), steps
}

// What a check says of restarts, over the changes that operators make.
func TestCheckTellsTheRestartsThatFollow(t *testing.T) {
	for _, c := range []struct {
		name, postgres, patroni string
		restart                 string
		rank                    int
		plan                    string
	}{
		{"nothing", "", "", "", 0, ""},
		{"work_mem", "parameters: {work_mem: 64MB}", "", "", 0, ""},
		{"ttl", "", "ttl: 40", "", 0, ""},
		{"hba", "hba: [{type: host, database: all, user: all, address: 10.9.0.0/16, method: scram-sha-256}]", "", "", 0, ""},
		{"max_connections up", "parameters: {max_connections: 300}", "", "max_connections", 2, "PostgreSQL restarted, after a switchover to db2"},
		{"max_connections down", "parameters: {max_connections: 150}", "", "max_connections", -1, "PostgreSQL restarted: "},
		{"shared_buffers", "parameters: {shared_buffers: 1GB}", "", "shared_buffers", 2, "after a switchover to db2"},
		{"port", "port: 5433", "", "port", 2, "after a switchover to db2"},
	} {
		for _, host := range []string{"db1", "db2"} {
			m, before := newMachine(t, "db1"), three(nil)
			apply(t, before, host, m, false)
			m.Answer(func(command modules.Command) (string, error) {
				script := string(command.Stdin)
				switch {
				case strings.Contains(script, "'postmaster'"):
					var restart []string
					for _, name := range []string{"max_connections", "port", "shared_buffers"} {
						if strings.Contains(script, fmt.Sprintf("%q", name)) {
							restart = append(restart, fmt.Sprintf("%q", name))
						}
					}
					return "[" + strings.Join(restart, ",") + "]", nil
				case strings.Contains(script, "'sessions'"):
					return `{"sessions":12,"oldest":{"user":"app","application":"batch","state":"active","seconds":640}}`, nil
				}
				return m.psql(command)
			}, "/usr/lib/postgresql/17/bin/psql")
			m.ClearLog()
			changed := three(map[string]string{"postgres": c.postgres, "patroni": c.patroni})
			why, rank, plan, steps := restartPlan(t, host, m, changed)
			if log := m.Log(); log != "" {
				t.Errorf("%s: the check changed:\n%s", c.name, log)
			}
			if !strings.Contains(why, c.restart) || (why == "") != (c.restart == "") {
				t.Errorf("%s on %s: due %q, want %q\n%s", c.name, host, why, c.restart, steps)
				continue
			}
			if c.restart == "" {
				continue
			}
			if host == "db2" && (rank != 1 || len(plan) != 1 || plan[0].Gap != 0) {
				t.Errorf("%s: a synchronous replica has rank %d and plan %v", c.name, rank, plan)
			}
			if host == "db1" && (rank != c.rank || len(plan) != 1 || plan[0].Gap == 0 || !strings.Contains(plan[0].Done, c.plan) || !strings.Contains(plan[0].Done, "640 s (app, \"batch\", active)")) {
				t.Errorf("%s: the leader has rank %d and plan %v", c.name, rank, plan)
			}
		}
	}
}

// Of a leader that must go first and whose Patroni must restart too, only
// PostgreSQL restarts, in place; all of Patroni follows when the others are
// done: a replica with higher settings must not lead before.
func TestLowerSettingsComeBeforePatronisRestart(t *testing.T) {
	m, before := newMachine(t, "db1"), three(nil)
	apply(t, before, "db1", m, false)
	m.settings["postgresql"].(map[string]any)["parameters"].(map[string]any)["max_connections"] = 100
	m.Put("/etc/systemd/system/patroni.service.d/pgrun.conf", "# another\n")
	m.Handle("POST", "http://10.0.0.11:8008/restart", func(modules.Request) (*modules.Response, error) {
		return &modules.Response{Status: 200}, nil
	})
	m.Answer(func(command modules.Command) (string, error) {
		if script := string(command.Stdin); script == "" || strings.Contains(script, "write probe") || strings.Contains(script, "CHECKPOINT") {
			return "", nil // the probe's writes too
		}
		return m.psql(command)
	}, "/usr/lib/postgresql/17/bin/psql")
	m.ClearLog()
	target, steps := before.Target(t, "db1", "patroni", m, false)
	if err := before.Action(t, "db1", "patroni", "restart").Do(t.Context(), target); err != nil {
		t.Fatalf("%v\n%s", err, steps)
	}
	log := m.Log()
	if !strings.Contains(log, "send POST http://10.0.0.11:8008/restart") || strings.Contains(log, "/switchover") || strings.Contains(log, "job restart") || !steps.WantsAgain() {
		t.Errorf("again %v, did:\n%s", steps.WantsAgain(), log)
	}
}
