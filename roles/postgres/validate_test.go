package postgres_test

import (
	"strings"
	"testing"
)

func TestValidate(t *testing.T) {
	for _, c := range []struct{ name, section, want string }{
		{"defaults", "", ""},
		{"the database where pgrun asks", "databases: [{name: postgres, owner: app}]", "problem: databases[0].owner: the database postgres stays with postgres"},
		{"extensions", "{extensions: [pg_trgm, {name: xml2, schema: extensions}], databases: [{name: postgres, extensions: [{name: cube}]}]}", ""},
		{"schema of an extension", "extensions: [{name: xml2, schema: \"a\\nb\"}]", "problem: extensions[0].schema:"},
		{"state", "roles: [{name: a, state: gone}]", "problem: roles[0].state: \"gone\" is no state"},
		{"a database that goes", "databases: [{name: a, state: absent, drop_data: a}]", ""},
		{"another database's name", "databases: [{name: a, state: absent, drop_data: b}]", "problem: databases[0].drop_data: \"b\" is not the name"},
		{"nothing to drop", "databases: [{name: a, drop_data: a}]", "problem: databases[0].drop_data: has no meaning"},
		{"the database postgres goes", "databases: [{name: postgres, state: absent}]", "problem: databases[0]: the database postgres stays"},
		{"an owner that goes", "{roles: [{name: a, state: absent}], databases: [{name: d, owner: a}]}", "problem: databases[0].owner: a has state: absent"},
		{"a group that goes", "roles: [{name: a, state: absent}, {name: b, member_of: [a]}]", "problem: roles[1].member_of: a has state: absent"},
		{"end of a password", "roles: [{name: a, valid_until: 2026-12-31}, {name: b, valid_until: '2026-12-31T18:00:00+01:00'}, {name: c, valid_until: infinity}]", ""},
		{"no end of a password", "roles: [{name: a, valid_until: tomorrow}]", "problem: roles[0].valid_until: \"tomorrow\" is no time"},
		{"settings", "{roles: [{name: a, settings: {work_mem: 64MB, jit: off}, settings_in: {d: {app.tenant: x}}}], databases: [{name: d, settings: {}}]}", ""},
		{"setting that is another role", "roles: [{name: a, settings: {role: postgres}}]", "problem: roles[0].settings.role: would make"},
		{"setting without a value", "databases: [{name: a, settings: {work_mem: null}}]", "problem: databases[0].settings.work_mem: has no value"},
		{"settings in no database", "roles: [{name: a, settings_in: {d: {jit: off}}}]", "problem: roles[0].settings_in.d: is no database"},
		{"folder", "data_dir: /srv/pg_data-1.2", ""},
		{"relative folder", "data_dir: data", "problem: data_dir:"},
		{"the root", "data_dir: /", "problem: data_dir:"},
		{"up", "data_dir: /data/../etc", "problem: data_dir:"},
		{"role", "roles: [{name: 'o''hara \"x\"'}, {name: Größe}]", ""},
		{"63 bytes", "roles: [{name: " + strings.Repeat("ä", 31) + "x}]", ""},
		{"64 bytes", "roles: [{name: " + strings.Repeat("ä", 32) + "}]", "problem: roles[0].name:"},
		{"role of Patroni's", "roles: [{name: replicator}]", "problem: roles[0].name: replicator is the role by which replicas stream"},
		{"another one", "roles: [{name: rewind_user}]", "problem: roles[0].name: rewind_user is"},
		{"role that is a keyword", "roles: [{name: public}]", "problem: roles[0].name: "},
		{"what Patroni would not take", "parameters: {max_connections: 20}", "problem: parameters.max_connections: Patroni takes no less than 25"},
		{"a number with a unit", "parameters: {max_connections: 1k}", "problem: parameters.max_connections: "},
		{"taken back", "parameters: {Max_Wal_Senders: null}", "problem: parameters.Max_Wal_Senders: "},
		{"minimal", "parameters: {wal_level: minimal}", "problem: parameters.wal_level: "},
		{"logical", "parameters: {wal_level: logical, max_connections: '300', wal_keep_size: null}", ""},
		{"include", "parameters: {include: /etc/passwd}", "problem: parameters.include: "},
		{"recovery", "parameters: {recovery_target_time: '2026-01-01'}", "problem: parameters.recovery_target_time: "},
		{"unsafe", "parameters: {fsync: off}", "warning: parameters.fsync: "},
		{"list", "parameters: {shared_preload_libraries: [a, b]}", "problem: parameters.shared_preload_libraries: a setting is one value"},
		{"cert without TLS", "hba: [{address: 10.0.0.0/8, method: cert}]", "problem: hba[0].method: cert works with type hostssl only"},
		{"cert", "hba: [{type: hostssl, address: 10.0.0.0/8, method: cert}]", ""},
		{"gss on a socket", "hba: [{type: local, method: gss}]", "problem: hba[0].method: "},
		{"ldap without a server", "hba: [{type: hostssl, options: {ldaptls: '1'}, address: 10.0.0.0/8, method: ldap}]", "problem: hba[0].options: ldap needs"},
		{"ldap", "hba: [{type: hostssl, address: 10.0.0.0/8, method: ldap, options: {ldapserver: a, ldapprefix: 'uid=', ldaptls: '1'}}]", ""},
		{"ldap whose server is told in clear", "hba: [{type: hostssl, address: 10.0.0.0/8, method: ldap, options: {ldapserver: a, ldapprefix: 'uid='}}]", "problem: hba[0].method: PostgreSQL sends"},
		{"ldap in clear", "hba: [{address: 10.0.0.0/8, method: ldap, options: {ldapserver: a, ldapprefix: 'uid=', ldaptls: '1'}}]", "problem: hba[0].method: ldap has clients send"},
		{"pam in clear", "hba: [{address: 10.0.0.0/8, method: pam}]", "problem: hba[0].method: pam has clients send"},
		{"pam on the host itself", "hba: [{address: 127.0.0.1, method: pam}, {type: local, method: pam}]", ""},
		{"radius", "hba: [{type: hostssl, address: 10.0.0.0/8, method: radius, options: {radiusservers: a, radiussecrets: !env RADIUS}}]", ""},
		{"radius without a secret", "hba: [{type: hostssl, address: 10.0.0.0/8, method: radius, options: {radiusservers: a}}]", "problem: hba[0].options: radius needs"},
		{"option of another method", "hba: [{address: 10.0.0.0/8, options: {pamservice: a}}]", "problem: hba[0].options: "},
		{"unknown option", "hba: [{address: 10.0.0.0/8, options: {mapp: a}}]", "problem: hba[0].options: "},
		{"a folder that systemd would read as more", "data_dir: /data/%i", "problem: data_dir:"},
	} {
		lines := one(c.section).Validate(t, "db1", "postgres").Lines()
		got := strings.Join(lines, "\n")
		if c.want == "" && got != "" || !strings.HasPrefix(got, c.want) || len(lines) > 1 {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}
