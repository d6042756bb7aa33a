package patroni

import (
	"github.com/pgrun/pgrun/roles/postgres"
	"github.com/pgrun/pgrun/runner"
)

// commands are the settings by which PostgreSQL runs a program or loads a
// library, with PostgreSQL's defaults. Patroni prefers a member's own
// configuration to what lies in etcd, so whoever can write there does not
// choose these.
func commands() map[string]string {
	return map[string]string{
		"archive_command":           "",
		"archive_library":           "",
		"archive_cleanup_command":   "",
		"recovery_end_command":      "",
		"restore_command":           "",
		"ssl_passphrase_command":    "",
		"shared_preload_libraries":  "",
		"session_preload_libraries": "",
		"local_preload_libraries":   "",
		"dynamic_library_path":      "$libdir",
		"jit_provider":              "llvmjit",
	}
}

// pin gives the settings that run programs the inventory's value in this
// member's own configuration, or PostgreSQL's default.
func pin(local map[string]string, pg *postgres.Role) {
	set, _ := pg.Settings()
	for name, value := range commands() {
		if said, ok := set[name]; ok {
			value = said
		}
		local[name] = value
	}
}

// allowlist is who may call what changes something in the REST API: the
// members, whose Patroni and patronictl do. Patroni checks no address where it
// only answers questions, as it does to balancers.
func allowlist(v *runner.View) []string {
	var addresses []string
	for _, p := range v.Group("postgres") {
		addresses = append(addresses, single(p.Address))
	}
	return addresses
}
