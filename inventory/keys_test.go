package inventory_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/config"
	"github.com/pgrun/pgrun/inventory"
)

// checked returns the problems and warnings of the keys of an inventory, with
// the names of pgrun's roles.
func checked(t *testing.T, files map[string]string) (wrong, warned string) {
	t.Helper()
	folder := write(t, files)
	var p config.Problems
	inv := inventory.Load([]string{filepath.Join(folder, "i.yml")}, nil, &p)
	inv.CheckKeys([]string{"preflight", "cluster", "os", "apt_repo", "etcd", "postgres", "patroni", "haproxy"}, &p)
	if err := p.Err(); err != nil {
		wrong = strings.ReplaceAll(err.Error(), folder+"/", "")
	}
	for _, w := range p.Warnings() {
		warned += strings.ReplaceAll(w.String(), folder+"/", "") + "\n"
	}
	return wrong, warned
}

// TestVariablesOfOthers: an inventory may be shared, and what nobody reads is
// told once.
func TestVariablesOfOthers(t *testing.T) {
	var vars strings.Builder
	for i := range 25 {
		fmt.Fprintf(&vars, "v%02d: 1, ", i)
	}
	wrong, warned := checked(t, map[string]string{
		"i.yml":              "all: {vars: {" + vars.String() + "team: x}, hosts: {db1: {team: y, ansible_distribution: Debian}, db2: {team: z}}}",
		"group_vars/all.yml": "{zone: a, patroni: {}, custom: {x: 1}}",
	})
	want := "no role knows these 28 variables: ansible_distribution, team, v00, v01, v02, v03, v04, v05, v06, v07, v08, v09, v10, v11, v12, v13, v14, v15, v16, v17 and 8 more\n"
	if wrong != "" || warned != want {
		t.Errorf("%s\n%s", wrong, warned)
	}
	if _, warned := checked(t, map[string]string{"i.yml": "all: {hosts: {db1: {team: y}}}"}); warned != "no role knows this variable: team\n" {
		t.Error(warned)
	}
	wrong, warned = checked(t, map[string]string{"i.yml": "all: {hosts: {db1: {ansible_become_flags: -H, ansible_ssh_transfer_method: scp, ansible_remote_tmp: /tmp}}}"})
	if wrong != "" || warned != "pgrun does not follow these 2 variables of Ansible: ansible_become_flags, ansible_ssh_transfer_method\n" {
		t.Error(wrong, warned)
	}
}

// TestNearlyKnownVariables: a slip is refused, and a word of one's own is not.
func TestNearlyKnownVariables(t *testing.T) {
	for name, want := range map[string]string{
		"patronni": "patroni", "Patroni": "patroni", "postgresql": "postgres", "postgress": "postgres", "ha_proxy": "haproxy", "ectd": "etcd",
		"clusters": "cluster", "apt-repo": "apt_repo", "adress": "address", "pre_flight": "preflight", "OS": "os", "cusotm": "custom",
		"ansible_hots": "ansible_host", "ansible_usr": "ansible_user", "ansible_passwrod": "ansible_password", "ansible_ssh_comon_args": "ansible_ssh_common_args",
		"ansible_prot": "ansible_port", "ansible_becom": "ansible_become", "ansible_conection": "ansible_connection",
	} {
		wrong, warned := checked(t, map[string]string{"i.yml": "all: {hosts: {db1: {" + name + ": x}}}"})
		if !strings.Contains(wrong, fmt.Sprintf("%q (did you mean %q?)", name, want)) || warned != "" {
			t.Errorf("%s: %s %s", name, wrong, warned)
		}
	}
	for _, name := range []string{
		"customer", "addresses", "ip", "env", "so", "oss", "us", "port", "user", "hostname", "etcd_version", "postgresql_version", "patroni_ttl",
		"cluster_name", "etc", "dcs", "ports", "haproxy_port", "progress", "apt_repositories", "pg_cluster", "postgres_users",
		"ansible_hostname", "ansible_fqdn", "ansible_timezone", "ansible_os_family", "ansible_facts", "ansible_version", "ansible_winrm_port",
		"ansible_network_os", "ansible_processor", "ansible_service_mgr", "ansible_user_id", "ansible_user_dir", "ansible_env", "ansible_date_time",
		"ansible_default_ipv4", "ansible_all_ipv4_addresses", "ansible_check_mode", "ansible_play_hosts", "ansible_role_name",
	} {
		wrong, warned := checked(t, map[string]string{"i.yml": "all: {hosts: {db1: {" + name + ": x}}}"})
		if wrong != "" || warned != "no role knows this variable: "+name+"\n" {
			t.Errorf("%s: %s %s", name, wrong, warned)
		}
	}
}

// TestNearlyKnownGroups: hosts to which no role would come are refused, groups
// of one's own are not.
func TestNearlyKnownGroups(t *testing.T) {
	for text, want := range map[string]string{
		"postgresql: {hosts: {db1: {}}}":                                       `i.yml:1:1: no role looks at the group "postgresql" (did you mean "postgres"?): its host db1 is not in postgres`,
		"etcd: {hosts: {db1: {}}}\nbalancer: {hosts: {db1: {}}}":               `i.yml:2:1: no role looks at the group "balancer" (did you mean "balancers"?): its host db1 is not in balancers`,
		"postgres: {hosts: {db1: {}}}\npostgress: {hosts: {db1: {}, db2: {}}}": "its host db2 is not in postgres",
		"Postgres: {hosts: {db1: {}}}":                                         `did you mean "postgres"?`,
		"postgresql: {children: {pg: {hosts: {db1: {}}}}}":                     "its host db1",
		"postgresql: {children: {postgres: {hosts: {db1: {}}}}}":               "",
		"postgres: {children: {postgres1: {hosts: {db1: {}}}}}":                "",
		"postgresql: {}": "", "load_balancers: {hosts: {db1: {}}}": "", "monitoring: {hosts: {db1: {}}}": "", "pg: {hosts: {db1: {}}}": "",
		"backups: {hosts: {nas1: {}}}": "", "postgres_cluster: {hosts: {db1: {}}}": "", "etcd_cluster: {hosts: {db1: {}}}": "",
	} {
		wrong, _ := checked(t, map[string]string{"i.yml": text})
		if !strings.Contains(wrong, want) || want == "" && wrong != "" {
			t.Errorf("%s\n got %s\nwant %s", text, wrong, want)
		}
	}
	wrong, warned := checked(t, map[string]string{"i.yml": "postgres: {hosts: {db1: {}}}", "group_vars/postgress.yml": "", "group_vars/web.yml": "", "group_vars/balancer": ""})
	if !strings.Contains(wrong, `group_vars/postgress.yml: no group is called "postgress" (did you mean "postgres"?)`) ||
		!strings.Contains(wrong, `group_vars/balancer: no group is called "balancer" (did you mean "balancers"?)`) ||
		!strings.Contains(warned, `group_vars/web.yml: no group is called "web"`) {
		t.Errorf("%s\n%s", wrong, warned)
	}
}
