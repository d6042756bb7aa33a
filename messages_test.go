package main_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/config"
	"github.com/pgrun/pgrun/inventory"
	"github.com/pgrun/pgrun/playbooks"
	"github.com/pgrun/pgrun/roles"
	"github.com/pgrun/pgrun/runner/control"
	"github.com/pgrun/pgrun/runner/worker"
)

// told does all of a run that can be done without a host, and returns what is
// wrong, without the excerpts.
func told(t *testing.T, inventoryText, play string, extra ...string) []string {
	t.Helper()
	t.Chdir(t.TempDir())
	name := "site.yml"
	files := map[string]string{"inventory.yml": inventoryText}
	if play != "" {
		name = "play.yml"
		files[name] = strings.TrimPrefix(play, "empty")
	}
	for path, text := range files {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return toldOf(t, "inventory.yml", name, extra...)
}

// toldOf is told of files that are there.
func toldOf(t *testing.T, source, name string, extra ...string) []string {
	t.Helper()
	problems := &config.Problems{}
	hosts := inventory.Load([]string{source}, extra, problems)
	_, err := control.Prepare(t.Context(), control.Options{
		Self: worker.Hook(roles.Registry()), Registry: roles.Registry(), Inventory: hosts, Problems: problems,
		Playbook: playbooks.Load(name, hosts.Files, problems), ListOnly: true,
	})
	var lines []string
	for line := range strings.Lines(fmt.Sprint(err)) {
		if line = strings.TrimSuffix(line, "\n"); !strings.HasPrefix(line, " ") {
			lines = append(lines, line)
		}
	}
	return lines
}

const sound = `all:
  vars:
    ansible_user: admin
    cluster: {name: orders, postgres_version: 17, networks: [10.0.0.0/16]}
    patroni:
      rto: norm
      superuser_password: !env P
      replication_password: !env P
      rewind_password: !env P
      restapi_password: !env P
  hosts:
    db1: {ansible_host: 10.0.0.11}
    db2: {ansible_host: 10.0.0.12}
    db3: {ansible_host: 10.0.0.13}
    lb1: {ansible_host: 10.0.0.20}
  children:
    etcd:
      hosts: {"db[1:3]": {}}
    postgres:
      hosts: {"db[1:3]": {}}
      vars:
        postgres:
          databases: [{name: app, owner: app}]
          roles: [{name: app, password: !env P}]
    balancers:
      hosts: {lb1: {}}
      vars:
        haproxy: {statistics_password: !env P}
`

// A mistake is told once, at its place, with what to write, and without what
// only follows from it.
func TestMistakesInInventories(t *testing.T) {
	if got := told(t, sound, ""); len(got) != 1 || got[0] != "<nil>" {
		t.Fatalf("the sound inventory: %q", got)
	}
	for _, c := range []struct{ old, new, want string }{
		{"    patroni:", "    patronni:",
			`inventory.yml:5:5: unknown variable "patronni" (did you mean "patroni"?)`},
		{"postgres_version: 17", "postgres_version: 9.6",
			"inventory.yml:4:47: cluster.postgres_version: a whole number is expected, not the number 9.6: pgrun role cluster says what it takes"},
		{"postgres_version: 17", "postgres_version: 9",
			"inventory.yml:4:47: cluster.postgres_version: PostgreSQL 9 is not supported: choose 15 to 18"},
		{"    etcd:\n      hosts: {\"db[1:3]\": {}}\n", "    etcd:\n      hosts: {\"db[1:3]\": {}}\n    db4: {ansible_host: 10.0.0.14}\n",
			`inventory.yml:19:11: all.children.db4: unknown key "ansible_host": db4 is a group here: write a host below hosts, and the variables of a group below vars`},
		{"  hosts:\n    db1", "  host:\n    db1",
			`inventory.yml:11:3: all: unknown key "host" (did you mean "hosts"?): variables stand below vars`},
		{"      hosts: {lb1: {}}\n      vars:\n        haproxy: {stat", "      hosts: {lb1: {}}\n      haproxy: {stat",
			`inventory.yml:27:7: all.children.balancers: unknown key "haproxy" (known: children, hosts, vars): variables stand below vars`},
		{"db2: {ansible_host", "db2: {ansible_hots",
			`inventory.yml:13:11: unknown connection variable "ansible_hots" (did you mean "ansible_host"?)`},
		{"ansible_user: admin", "ansible_user: {{ user }}",
			"inventory.yml:3:20: this is no template: write the value itself, without {{ }}"},
		{"rto: norm", `rto: "{{ rto }}"`,
			`inventory.yml:6:12: patroni.rto: the inventory is not a template: write the value itself, or !unsafe "..." if it has braces`},
		{"etcd:\n      hosts: {\"db[1:3]\"", "etcd:\n      hosts: {\"db[3:1]\"",
			`inventory.yml:18:15: all.children.etcd.hosts: "db[3:1]": a range begins with the smaller value`},
		{"databases: [{name: app, owner: app}]", "databases: [app]",
			`inventory.yml:23:23: postgres.databases[0]: a mapping (key: value) is expected, not the text "app": write {name: app}`},
		{"  children:\n    etcd:\n      hosts: {\"db[1:3]\": {}}\n", "  etcd:\n    hosts: {\"db[1:3]\": {}}\n  children:\n",
			`inventory.yml:16:3: all: unknown key "etcd" (a group?): groups stand below children`},
		{"    db1: {ansible_host: 10.0.0.11}\n    db2: {ansible_host: 10.0.0.12}\n    db3: {ansible_host: 10.0.0.13}\n    lb1: {ansible_host: 10.0.0.20}\n", "    - db1: {ansible_host: 10.0.0.11}\n    - db2: {ansible_host: 10.0.0.12}\n",
			`inventory.yml:12:5: all.hosts: a mapping is expected: write each as a key, "db1:" and not "- db1", with its own below`},
		{"    db1: {ansible_host: 10.0.0.11}\n    db2: {ansible_host: 10.0.0.12}\n    db3: {ansible_host: 10.0.0.13}\n    lb1: {ansible_host: 10.0.0.20}\n", "    - db1 ansible_host=10.0.0.11\n    - db2\n",
			`inventory.yml:12:5: all.hosts: a mapping is expected: write each as a key, "db1:" and not "- db1", with its own below`},
		{"rto: norm", "rto: “norm”",
			`inventory.yml:6:12: patroni.rto: the text "“norm”" has typographic quotes, which YAML does not know: write " or '`},
		{"    ansible_user: admin", "    preflight: {min_memory_mb: 2GB}\n    ansible_user: admin",
			`inventory.yml:3:32: preflight.min_memory_mb: a whole number is expected, not the text "2GB": write 2048, the unit is MB`},
		{"{statistics_password:", "{stats_password:",
			`inventory.yml:28:19: haproxy: unknown key "stats_password" (did you mean "statistics_password"?)`},
		{"{statistics_password: !env P}", "{statistics_password: !env P, maxconn: 3}",
			`inventory.yml:28:48: haproxy: unknown key "maxconn": pgrun role haproxy says what it takes`},
		{"password: !env P}]", "password: !env}]",
			"inventory.yml:24:41: a tag takes a space and a value after it: !env NAME, !file path, !command [argv]; quote a value that begins with ! or &"},
		{"[{name: app, owner: app}]", "[{name:orders, owner: app}]",
			"inventory.yml:23:24: postgres.databases[0]: a space is missing after the colon: write name: orders"},
		{"rto: norm", "rto:norm",
			"inventory.yml:6:10: a space is missing after this colon"},
		{"superuser_password: !env P", "superuser_password: !secret superuser",
			"inventory.yml:7:27: an unknown tag: known are !env NAME, !file path and !command [argv], which fetch secrets, and !unsafe; quote a value that begins with !"},
	} {
		if !strings.Contains(sound, c.old) {
			t.Fatalf("nothing is replaced: %q", c.old)
		}
		check(t, c.new, told(t, strings.Replace(sound, c.old, c.new, 1), ""), c.want)
	}
}

func check(t *testing.T, mistake string, got []string, want string) {
	t.Helper()
	if len(got) != 1 || got[0] != want {
		t.Errorf("%s\n got %s\nwant %s", mistake, strings.Join(got, "\n     "), want)
	}
}

func TestInventoriesThatAreNone(t *testing.T) {
	for text, want := range map[string]string{
		"db1 ansible_host=10.0.0.11\ndb2 ansible_host=10.0.0.12\n[etcd]\ndb1\n": "inventory.yml:1: is an INI inventory: write it as YAML, or let ansible-inventory -i FILE --list --yaml --export convert it",
		"[all:vars]\na=b\n": "inventory.yml:1: is an INI inventory: write it as YAML, or let ansible-inventory -i FILE --list --yaml --export convert it",
		"db1\ndb2\n":        "inventory.yml:1:1: is a text, and no YAML inventory (all: {hosts: {db1: ...}}); other files do not belong into a folder of inventories",
		"; comment\ndb1 ansible_host=10.0.0.11\n": "inventory.yml:2: is an INI inventory: write it as YAML, or let ansible-inventory -i FILE --list --yaml --export convert it",
		"": "inventory.yml: is empty: an inventory is a mapping of groups, all: {hosts: ..., children: ..., vars: ...}; pgrun init writes one to begin with",
	} {
		check(t, text, told(t, text, "- {hosts: all, roles: [os]}\n"), want)
	}
	check(t, "a name with a typo", toldOf(t, "inventry.yml", "site.yml"), "inventry.yml: there is no such file (did you mean inventory.yml?)")
	check(t, "-e", told(t, sound, "", "{patroni:{rto: fast}}"), "-e:1:9: a space is missing after this colon")
}

func TestMistakesInPlaybooks(t *testing.T) {
	for play, want := range map[string]string{
		"- hosts: all\n  role: os\n":                      `play.yml:2:3: unknown key "role" (did you mean "roles"?)`,
		"- host: all\n  roles: [os]\n":                    `play.yml:1:3: unknown key "host" (did you mean "hosts"?)`,
		"- name: x\n  roles: [os]\n":                      `play.yml:1:3: the play has no hosts; write "hosts: all" or another pattern`,
		"- hosts: databases\n  roles: [os]\n":             `play.yml:1:10: hosts: pattern "databases": no host or group is called "databases" (groups: all, etcd, postgres, balancers)`,
		"- hosts all\n  roles: [os]\n":                    `play.yml:1:3: a key without a colon: write "name: value", or "name:" above what is indented below it`,
		"- include_tasks: x.yml\n":                        "play.yml:1:3: include_tasks: inline tasks come later; use roles and their actions",
		"empty":                                           `play.yml: is empty: a playbook is a list of plays, each "- hosts: etcd" with "roles: [...]" below it`,
		"- hosts: all\n  roles:\n    - {name: os}\n":      `play.yml:3:8: roles[0].name: write "role: NAME": a role is named by role`,
		"- hosts: all\n  roles: [os]\n- include: x.yml\n": "play.yml:3:3: include: write import_playbook: FILE, as an entry of its own",
		"- ansible.builtin.include_tasks: x.yml\n":        "play.yml:1:3: ansible.builtin.include_tasks: inline tasks come later; use roles and their actions",
		"- hosts: localhost\n  roles: [os]\n":             `play.yml:1:10: hosts: pattern "localhost": no host or group is called "localhost": it is not implied; name hosts of the inventory, and run with --local on a host itself`,
		"- hosts: \"{{ target }}\"\n  roles: [os]\n":      "play.yml:1:10: hosts: a playbook is no template: write the value itself; -l narrows the hosts of a run",
		"- hosts: {{ target }}\n  roles: [os]\n":          "play.yml:1:11: this is no template: write the value itself, without {{ }}",
		"- hosts: all\n  tasks:\n  - debug: {msg: x}\n":   "play.yml:2:3: tasks: inline tasks come later; use roles and their actions",
	} {
		check(t, play, told(t, sound, play), want)
	}
}

// The sections of groups without hosts are checked too.
func TestSectionsWithoutHosts(t *testing.T) {
	got := told(t, "all:\n  vars:\n    patroni: {ttll: 30}\n    cluster: {nam: x}\n", "")
	want := []string{`inventory.yml:3:15: patroni: unknown key "ttll" (did you mean "ttl"?)`, `inventory.yml:4:15: cluster: unknown key "nam" (did you mean "name"?)`}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s", strings.Join(got, "\n"))
	}
}

// What is missing is told where nothing else explains it, beside other problems.
func TestWhatIsMissingIsTold(t *testing.T) {
	text := strings.Replace(sound, "{statistics_password: !env P}", "{}", 1)
	got := told(t, strings.Replace(text, "rto: norm", "rot: norm", 1), "")
	if len(got) != 2 || !strings.Contains(got[0], `patroni: unknown key "rot"`) || !strings.Contains(got[1], "haproxy.statistics_password: is missing") {
		t.Errorf("%s", strings.Join(got, "\n"))
	}
}

// An answer is no longer than about two screens.
func TestManyProblemsAreCounted(t *testing.T) {
	hosts := ""
	for i := range 1000 {
		hosts += fmt.Sprintf("    h%d: {ansible_host: 10.1.%d.%d, patroni: {tll%d: 1}}\n", i, i/200, i%200+1, i)
	}
	got := told(t, strings.Replace(sound, "  hosts:\n", "  hosts:\n"+hosts, 1), "")
	if len(got) != 41 || got[40] != "and 960 more, which are shown when these are gone" {
		t.Errorf("%d lines, the last: %s", len(got), got[len(got)-1])
	}
}
