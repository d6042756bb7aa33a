package patroni_test

import (
	"strings"
	"testing"

	"github.com/pgrun/pgrun/runner"
)

// A port that the members do not listen on yet is refused before the
// configuration is written: balancers would be moved to where nobody is.
func TestAnotherPortIsRefusedWhileTheClusterRuns(t *testing.T) {
	m, c := newMachine(t, "db1"), three(nil)
	apply(t, c, "db1", m, false)
	m.ClearLog()
	moved := three(map[string]string{"postgres": "port: 5433"})
	running := `{"members":[{"name":"db1","role":"leader","state":"running","timeline":1,"port":5432},
{"name":"db2","role":"replica","state":"streaming","timeline":1,"port":5432}]}`
	for _, where := range []string{"10.0.0.11", "10.0.0.12"} {
		m.Serve("GET", "http://"+where+":8008/cluster", 200, running)
		_, err := moved.Apply(t, "db1", "patroni", m, false)
		if !runner.IsRefused(err) || !strings.Contains(err.Error(), "listens on port 5432, and postgres.port is 5433") {
			t.Errorf("not refused: %v", err)
		}
		// This host's own Patroni is stopped; the others run.
		m.Serve("GET", "http://10.0.0.11:8008/cluster", 503, "down")
	}
	if log := m.Log(); log != "" {
		t.Errorf("something was changed before that:\n%s", log)
	}
}
