package patroni_test

import (
	"testing"

	"gopkg.in/yaml.v3"
)

// What runs programs stands in the member's own file, where it goes before what
// lies in etcd: as the inventory says, or not at all.
func TestCommandsArePinned(t *testing.T) {
	for section, want := range map[string]string{
		"": "/bin/true", // which keeps nothing
		"parameters: {archive_command: /usr/bin/true, Restore_Command: 'cp %f %p'}": "/usr/bin/true",
	} {
		m := newMachine(t, "db1")
		apply(t, three(map[string]string{"postgres": section}), "db1", m, false)
		var config struct {
			RestAPI struct {
				Allowlist []string
				Include   bool `yaml:"allowlist_include_members"`
			}
			PostgreSQL struct {
				Parameters map[string]string
				Callbacks  map[string]string
			}
		}
		if err := yaml.Unmarshal([]byte(m.Content("/etc/patroni/config.yml")), &config); err != nil {
			t.Fatal(err)
		}
		p := config.PostgreSQL.Parameters
		if got, ok := p["archive_command"]; !ok || got != want {
			t.Errorf("%q: archive_command is %q, %v", section, got, ok)
		}
		for _, name := range []string{"restore_command", "archive_cleanup_command", "recovery_end_command", "ssl_passphrase_command", "session_preload_libraries", "local_preload_libraries"} {
			if got, ok := p[name]; !ok || got != "" && (name != "restore_command" || section == "") {
				t.Errorf("%q: %s is %q, %v", section, name, got, ok)
			}
		}
		if p["shared_preload_libraries"] != "pg_stat_statements" || config.PostgreSQL.Callbacks == nil {
			t.Errorf("%q: %+v", section, config.PostgreSQL)
		}
		if !config.RestAPI.Include || len(config.RestAPI.Allowlist) != 3 || config.RestAPI.Allowlist[0] != "10.0.0.11/32" {
			t.Errorf("%+v", config.RestAPI)
		}
	}
}
