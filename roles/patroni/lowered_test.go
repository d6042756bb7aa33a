package patroni

import "testing"

func TestLoweredSettingsArrive(t *testing.T) {
	const before = "wal_level setting:                    replica\nmax_connections setting:              234\nmax_locks_per_xact setting:           128\n"
	const after = "wal_level setting:                    replica\nmax_connections setting:              200\nmax_locks_per_xact setting:           128\n"
	running := map[string]int{"max_connections": 234, "max_locks_per_transaction": 128}
	for text, want := range map[string]string{before: "max_connections is still 234 in pg_control", after: ""} {
		if got := notArrived([]string{"max_connections"}, running, controlSettings([]byte(text))); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := controlSettings([]byte(before))["max_locks_per_transaction"]; got != 128 {
		t.Errorf("max_locks_per_xact is %d", got)
	}
}
