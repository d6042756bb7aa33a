package report

import (
	"strings"
	"testing"

	"github.com/pgrun/pgrun/runner"
)

func TestReportComesBeforeTheRecap(t *testing.T) {
	yes, no := true, false
	recap := runner.Event{Event: runner.EventRecap, OK: &yes, Check: &no, Hosts: map[string]runner.Counts{"db1": {Changed: 1}}}
	told := func(host, done string, ms int64) runner.Event {
		return runner.Event{Event: runner.EventReport, Host: host, Role: "patroni", Why: done, MS: ms}
	}
	got := show(t, Options{}, []runner.Event{
		told("db2", "PostgreSQL 17.11 -> 17.12", 140), told("db1", "PostgreSQL 17.11 -> 17.12, after a switchover to db2", 2310),
		told("lb1", "HAProxy 3.0.8 -> 3.0.11", 0), recap,
	})
	want := `
REPORT
  db2  PostgreSQL 17.11 -> 17.12
  db1  PostgreSQL 17.11 -> 17.12, after a switchover to db2
  lb1  HAProxy 3.0.8 -> 3.0.11
  longest gap between two writes: 2.3 s, in the turn of db1

RECAP
`
	if !strings.HasPrefix(got, want) {
		t.Errorf("got:\n%s", got)
	}
	if unmeasured := show(t, Options{}, []runner.Event{told("lb1", "HAProxy 3.0.8 -> 3.0.11", 0), recap}); strings.Contains(unmeasured, "gap") {
		t.Errorf("nothing was measured, and yet:\n%s", unmeasured)
	}
}
