package postgres_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/roles/postgres"
)

// settingsOf are all rows of pg_settings as a server of the version had them.
func settingsOf(t *testing.T, version string) map[string]postgres.Setting {
	t.Helper()
	text, err := os.ReadFile("testdata/settings-" + version + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var rows []postgres.Setting
	if err := json.Unmarshal(text, &rows); err != nil {
		t.Fatal(err)
	}
	return postgres.ByName(rows)
}

// The values are what `postgres -C NAME -c NAME=TEXT` answered, PostgreSQL 15
// and 17 alike: name, text, and the value that ran unless it was refused.
func TestSettingMeansWhatPostgreSQLTakes(t *testing.T) {
	values, err := os.ReadFile("testdata/settings-values.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, version := range []string{"15", "17"} {
		all := settingsOf(t, version)
		for line := range strings.Lines(string(values)) {
			fields := strings.Split(strings.TrimSuffix(line, "\n"), "|")
			s, ok := all[strings.ToLower(fields[0])]
			if !ok {
				t.Fatalf("PostgreSQL %s has no %s", version, fields[0])
			}
			err := s.Check(fields[1])
			if refused := len(fields) == 2; refused != (err != nil) {
				t.Errorf("PostgreSQL %s, %s = %q: refused %v, and Check says %v", version, s.Name, fields[1], refused, err)
			}
			if len(fields) == 2 {
				continue
			}
			if s.Reset = fields[2]; !s.Same(fields[1]) {
				t.Errorf("PostgreSQL %s, %s = %q runs as %q, and Same says another", version, s.Name, fields[1], s.Reset)
			}
			if s.Reset += "7"; s.Same(fields[1]) {
				t.Errorf("PostgreSQL %s, %s = %q: Same takes %q", version, s.Name, fields[1], s.Reset)
			}
		}
	}
}

func TestEverySettingIsTheSameAsItself(t *testing.T) {
	for _, version := range []string{"15", "17"} {
		for _, s := range settingsOf(t, version) {
			if !s.Same(s.Reset) {
				t.Errorf("PostgreSQL %s: %s = %q is not the same as itself", version, s.Name, s.Reset)
			}
			if err := s.Check(s.Default); err != nil {
				t.Errorf("PostgreSQL %s: the default of %s: %v", version, s.Name, err)
			}
		}
	}
}

func TestSettingCheckSaysWhatIsAllowed(t *testing.T) {
	all := settingsOf(t, "17")
	for name, c := range map[string]struct{ text, want string }{
		"shared_buffers":       {"1PB", `"1PB" is no value of shared_buffers: its unit is one of TB, GB, MB, kB, B`},
		"archive_mode":         {"maybe", `"maybe" is no value of archive_mode: write one of always, on, off`},
		"autovacuum":           {"maybe", `"maybe" is no value of autovacuum: write on or off`},
		"maintenance_work_mem": {"32TB", `"32TB" is no value of maintenance_work_mem: it is too large`},
		"work_mem":             {"1kB", `"1kB" is no value of work_mem: it is between 64kB and 2147483647kB`},
		"temp_buffers":         {"1kB", `"1kB" is no value of temp_buffers: it is between 800kB and 8589934584kB`},
		"max_connections":      {"200kB", `"200kB" is no value of max_connections: it has no unit`},
		"checkpoint_timeout":   {"15m", `"15m" is no value of checkpoint_timeout: its unit is one of d, h, min, s, ms, us`},
		"random_page_cost":     {"much", `"much" is no value of random_page_cost: it is no number`},
	} {
		if err := all[name].Check(c.text); err == nil || err.Error() != c.want {
			t.Errorf("%s = %s: %v\nwant %s", name, c.text, err, c.want)
		}
	}
}

func TestSameOfListsAndOfWhatTheServerWorksOut(t *testing.T) {
	for _, c := range []struct {
		row  postgres.Setting
		text string
		same bool
	}{
		{postgres.Setting{Name: "shared_preload_libraries", Type: "string", Reset: "pg_stat_statements,auto_explain"}, "pg_stat_statements, auto_explain", true},
		{postgres.Setting{Name: "shared_preload_libraries", Type: "string", Reset: "pg_stat_statements,auto_explain"}, "auto_explain,pg_stat_statements", false},
		{postgres.Setting{Name: "search_path", Type: "string", Reset: `"$user", public`}, `"$user",PUBLIC`, true},
		{postgres.Setting{Name: "search_path", Type: "string", Reset: `"a,b", c`}, `"a,b","C"`, false},
		{postgres.Setting{Name: "TimeZone", Type: "string", Reset: "UTC"}, "utc", true},
		{postgres.Setting{Name: "DateStyle", Type: "string", Reset: "ISO, MDY"}, "iso,mdy", true},
		{postgres.Setting{Name: "archive_command", Type: "string", Text: "(disabled)", Reset: "cp %p /a"}, "cp %p /a", true},
		{postgres.Setting{Name: "archive_command", Type: "string", Reset: "cp %p /a"}, "cp  %p /a", false},
		{postgres.Setting{Name: "tcp_keepalives_idle", Type: "integer", Unit: "s", Text: "0", Reset: "60"}, "1min", true},
		{postgres.Setting{Name: "wal_buffers", Type: "integer", Unit: "8kB", Reset: "512", Default: "-1", Source: "override"}, "-1", true},
		{postgres.Setting{Name: "wal_buffers", Type: "integer", Unit: "8kB", Reset: "512", Default: "-1", Source: "configuration file"}, "-1", false},
		{postgres.Setting{Name: "log_file_mode", Type: "integer", Text: "0640", Reset: "416"}, "0640", true},
	} {
		if c.row.Same(c.text) != c.same {
			t.Errorf("%s runs with %q, wanted %q: Same says %v", c.row.Name, c.row.Reset, c.text, !c.same)
		}
	}
}
