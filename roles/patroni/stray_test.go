package patroni

import (
	"strings"
	"testing"

	"github.com/pgrun/pgrun/roles/postgres"
)

// What Patroni itself writes into postgresql.conf is none of our business.
// From ALTER SYSTEM it counts instead of that: without
// synchronous_standby_names commits wait for nobody.
func TestStrays(t *testing.T) {
	for _, c := range []struct {
		name, file, setting string
		stray, taken        bool
	}{
		{"Patroni's own", "postgresql.conf", "synchronous_standby_names", false, false},
		{"Patroni's own, by ALTER SYSTEM", "postgresql.auto.conf", "synchronous_standby_names", true, true},
		{"of the inventory, by ALTER SYSTEM", "postgresql.auto.conf", "work_mem", true, true},
		{"shared and of the inventory", "postgresql.auto.conf", "wal_keep_size", true, true},
		{"another, by ALTER SYSTEM", "postgresql.auto.conf", "seq_page_cost", true, false},
		{"of an included file, whatever is asked for", "/etc/sysctl.d/x.conf", "vm.swappiness", true, false},
		{"of a recovery", "postgresql.auto.conf", "recovery_target_time", false, false},
	} {
		x := observed{data: "/data", wanted: map[string]string{"work_mem": "4MB", "wal_keep_size": "128MB"}}
		x.Entries = []postgres.Entry{{File: "/data/" + c.file, Line: 1, Name: c.setting, Text: "x"}}
		list := x.strays()
		taken := (&Role{Unmanaged: "report"}).takenBack(list)
		if strings.HasPrefix(c.file, "/") {
			x.Entries[0].File = c.file
			list = x.strays()
			taken = (&Role{Unmanaged: "remove"}).takenBack(list)
		}
		if (len(list) == 1) != c.stray || (len(taken) == 1) != c.taken {
			t.Errorf("%s: strays %v, taken back %v", c.name, list, taken)
		}
	}
}
