package playbooks

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/config"
)

// write makes a folder of files.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// load loads a playbook and returns its problems, one line each, without the
// folder.
func load(t *testing.T, dir, name string) (*Playbook, []string) {
	t.Helper()
	var problems config.Problems
	book := Load(filepath.Join(dir, name), &config.Files{}, &problems)
	return book, lines(&problems, dir)
}

func lines(problems *config.Problems, dir string) []string {
	var all *config.Error
	var list []string
	if errors.As(problems.Err(), &all) {
		for _, p := range all.Problems {
			list = append(list, strings.ReplaceAll(p.String(), dir+"/", ""))
		}
	}
	return list
}

func TestLoad(t *testing.T) {
	dir := write(t, map[string]string{
		"all.yml": `
- name: first
  hosts: [etcd, "!db3"]
  serial: [1, "30%"]
  any_errors_fatal: true
  tags: a, b
  roles:
    - etcd
    - {role: os, tags: [c]}
- import_playbook: more/two.yml
  tags: imported
`,
		"more/two.yml":   "- {hosts: postgres, roles: [{role: patroni, action: restart}]}\n- ansible.builtin.import_playbook: three.yml\n",
		"more/three.yml": "- {hosts: all, tags: own, roles: [os]}\n",
	})
	book, problems := load(t, dir, "all.yml")
	if len(problems) > 0 || len(book.Plays) != 3 || book.BuiltIn {
		t.Fatalf("%v, %+v", problems, book)
	}
	first := book.Plays[0]
	if first.Name != "first" || first.Hosts != "etcd,!db3" || !first.AnyErrorsFatal || !reflect.DeepEqual(first.Serial, Serial{{Hosts: 1}, {Percent: 30}}) {
		t.Errorf("got %+v", first)
	}
	if got := first.Roles[1]; got.Role != "os" || !reflect.DeepEqual(got.Tags, []string{"a", "b", "c"}) {
		t.Errorf("got %+v", got)
	}
	second := book.Plays[1]
	if second.Name != "postgres" || second.Roles[0].String() != "patroni: restart" || !reflect.DeepEqual(second.Roles[0].Tags, []string{"imported"}) {
		t.Errorf("got %+v", second)
	}
	if got := book.Plays[2].Roles[0].Tags; !reflect.DeepEqual(got, []string{"imported", "own"}) {
		t.Errorf("got %v", got)
	}
}

func TestProblems(t *testing.T) {
	for _, c := range []struct {
		name, text string
		want       []string
	}{
		{"empty", "", []string{"p.yml: is empty: a playbook is a list of plays, each \"- hosts: etcd\" with \"roles: [...]\" below it"}},
		{"no plays", "[]", []string{"p.yml:1:1: the playbook has no plays; write a list of them, each with hosts and roles"}},
		{"an inventory", "all: {hosts: {db1: }}", []string{`p.yml:1:1: a playbook is a list of plays ("- hosts: ..."); this looks like something else, an inventory perhaps (-i)`}},
		{"a text", "- etcd", []string{"p.yml:1:3: a play is a mapping with hosts and roles, or import_playbook"}},
		{"nothing in it", "- {}", []string{`p.yml:1:3: the play has no hosts; write "hosts: all" or another pattern`, "p.yml:1:3: the play has no roles"}},
		{"typo", "- hosts: all\n  role: [os]\n  roles: [os]", []string{`p.yml:2:3: unknown key "role" (did you mean "roles"?)`}},
		{"unknown", "- {hosts: all, roles: [os], frobnicate: 1}", []string{
			`p.yml:1:29: unknown key "frobnicate" (known: any_errors_fatal, hosts, import_playbook, name, roles, serial, tags)`}},
		{"tasks", "- hosts: all\n  tasks: [{ping: }]", []string{"p.yml:2:3: tasks: inline tasks come later; use roles and their actions"}},
		{"Ansible's", "- {hosts: all, roles: [os], become: true, gather_facts: no, vars: {a: 1}, handlers: [], strategy: free, remote_user: x}", []string{
			"p.yml:1:29: become: not needed: the worker runs as root through sudo",
			"p.yml:1:43: gather_facts: not needed: the worker always knows its machine",
			"p.yml:1:61: vars: variables belong into the inventory (vars, group_vars, host_vars) or -e: a host has one configuration per run",
			"p.yml:1:75: handlers: there are no handlers: a role reloads by itself, and restarts are an action of their own",
			"p.yml:1:89: strategy: Ansible's, and not supported",
			"p.yml:1:105: remote_user: say how to reach hosts in the inventory (ansible_user, ansible_port, ...) or with -u and --private-key"}},
		{"wrong types", "- hosts: {a: b}\n  name: [x]\n  any_errors_fatal: 3\n  tags: {a: b}\n  roles: etcd\n", []string{
			"p.yml:1:10: hosts: must be a pattern of hosts and groups, or a list of them", "p.yml:2:9: name: must be a text",
			"p.yml:3:21: any_errors_fatal: must be true or false", "p.yml:4:9: tags: must be a tag, or a list of them",
			"p.yml:5:10: roles: must be a list of roles: a name, or {role: patroni, action: restart}"}},
		{"nulls", "- hosts:\n  roles:\n", []string{
			"p.yml:1:9: hosts: must be a pattern of hosts and groups, or a list of them",
			"p.yml:2:9: roles: must be a list of roles: a name, or {role: patroni, action: restart}"}},
		{"serial", "- {hosts: all, roles: [os], serial: [0, 101%, -1, x, \"0%\", {}]}", []string{
			`p.yml:1:38: serial: "0" is neither a number of hosts from 1 on, nor a percentage from 1% to 100%`,
			`p.yml:1:41: serial: "101%" is neither a number of hosts from 1 on, nor a percentage from 1% to 100%`,
			`p.yml:1:47: serial: "-1" is neither a number of hosts from 1 on, nor a percentage from 1% to 100%`,
			`p.yml:1:51: serial: "x" is neither a number of hosts from 1 on, nor a percentage from 1% to 100%`,
			`p.yml:1:54: serial: "0%" is neither a number of hosts from 1 on, nor a percentage from 1% to 100%`,
			`p.yml:1:60: serial: must be a number of hosts or a percentage like "30%"`}},
		{"role entries", "- hosts: all\n  roles: [{action: x}, {role: os, when: y}, [a], {role: os, actoin: z}, {role: {}}]", []string{
			"p.yml:2:11: roles[0]: the entry names no role; write {role: patroni, action: restart}",
			"p.yml:2:35: roles[1].when: a role decides by itself what is due; choose hosts with a pattern and roles with tags",
			"p.yml:2:45: roles[2]: must be the name of a role, or {role: patroni, action: restart}",
			`p.yml:2:61: roles[3]: unknown key "actoin" (did you mean "action"?)`,
			"p.yml:2:80: roles[4].role: must be the name of a role"}},
		{"import with more", "- {import_playbook: site.yml, hosts: all, become: true}", []string{
			"p.yml:1:31: hosts: not beside import_playbook, which stands for whole plays",
			"p.yml:1:43: become: not needed: the worker runs as root through sudo"}},
		{"import of nothing", "- import_playbook: nowhere.yml\n- import_playbook:\n- import_playbook: sub/site.yml", []string{
			`p.yml:1:20: there is no playbook "nowhere.yml"; built in are ` + strings.Join(BuiltIns(), ", "),
			"p.yml:2:19: import_playbook: must be the name of a playbook",
			`p.yml:3:20: there is no playbook "sub/site.yml"; the built-in one is named without a folder: site.yml`}},
		{"imports itself", "- import_playbook: ./p.yml", []string{"p.yml:1:20: import_playbook: the playbook imports itself: p.yml imports p.yml"}},
		{"what a terminal would obey", "- {hosts: all, roles: [os], name: \"\\e[2J\"}\n- {hosts: all, roles: [os], name: \"a\\nb\"}", []string{
			`p.yml:1:35: name: has the character '\x1b' in it`, `p.yml:2:35: name: has the character '\n' in it`}},
		{"tags of the inventory", "- {hosts: !env X, roles: [!file os]}", []string{
			"p.yml:1:11: hosts: !env means nothing in a playbook: write the value itself",
			"p.yml:1:27: roles[0]: !file means nothing in a playbook: write the value itself"}},
		{"nothing in lists", "- {hosts: [], serial: [], roles: [os], tags: []}", []string{
			"p.yml:1:11: hosts: must be a pattern of hosts and groups, or a list of them",
			`p.yml:1:23: serial: must be a number of hosts or a percentage like "30%", or a list of them`}},
		{"a key by two names", "- hosts: a\n  ansible.builtin.hosts: b\n  roles: [os]", []string{
			`p.yml:2:3: unknown key "ansible.builtin.hosts" (known: any_errors_fatal, hosts, import_playbook, name, roles, serial, tags)`}},
		{"an import by two names", "- import_playbook: site.yml\n  ansible.builtin.import_playbook: site.yml", []string{
			`p.yml:2:3: import_playbook: is given twice`}},
		{"duplicate key", "- hosts: a\n  hosts: b\n  roles: [os]", []string{`p.yml:2:3: the key "hosts" is given twice: first in line 1`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, got := load(t, write(t, map[string]string{"p.yml": c.text}), "p.yml")
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(c.want, "\n"))
			}
		})
	}
}

func TestImportsInACircle(t *testing.T) {
	dir := write(t, map[string]string{
		"a.yml": "- import_playbook: b.yml", "b.yml": "- import_playbook: c/c.yml", "c/c.yml": "- import_playbook: ../a.yml",
	})
	_, got := load(t, dir, "a.yml")
	want := []string{"c/c.yml:1:20: import_playbook: the playbook imports itself: a.yml imports b.yml imports c.yml imports a.yml"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v", got)
	}
}

func TestImportsThatMultiply(t *testing.T) {
	files := map[string]string{name(0): "- {hosts: all, roles: [os]}\n"}
	for i := 1; i <= 25; i++ {
		files[name(i)] = strings.Repeat("- import_playbook: "+name(i-1)+"\n", 2)
	}
	_, got := load(t, write(t, files), name(25))
	if len(got) != 1 || !strings.Contains(got[0], "more than 1000 plays") {
		t.Errorf("got %v", got)
	}
}

func TestImportsOfNothingThatMultiply(t *testing.T) {
	files := map[string]string{name(0): "[]\n"}
	for i := 1; i <= 25; i++ {
		files[name(i)] = strings.Repeat("- import_playbook: "+name(i-1)+"\n", 2)
	}
	_, got := load(t, write(t, files), name(25))
	if !strings.Contains(strings.Join(got, "\n"), "more than 5000 imports") {
		t.Errorf("got %v", got)
	}
}

func name(i int) string { return "l" + string(rune('0'+i/10)) + string(rune('0'+i%10)) + ".yml" }

func TestFileBeforeBuiltIn(t *testing.T) {
	t.Chdir(write(t, map[string]string{"rolling-upgrade.yml": "- {hosts: x, roles: [os]}", "mine.yml": "- import_playbook: site.yml"}))
	for name, want := range map[string]struct {
		builtIn bool
		hosts   string
	}{"site.yml": {true, "etcd"}, "rolling-upgrade.yml": {false, "x"}, "mine.yml": {false, "etcd"}} {
		var problems config.Problems
		book := Load(name, &config.Files{}, &problems)
		if problems.Err() != nil || book.BuiltIn != want.builtIn || book.Plays[0].Hosts != want.hosts {
			t.Errorf("%s: %v, %+v", name, problems.Err(), book)
		}
	}
}

func TestNoSuchPlaybook(t *testing.T) {
	t.Chdir(write(t, map[string]string{"folder/x": ""}))
	for name, want := range map[string]string{
		"sitee.yml":     `sitee.yml: there is no playbook "sitee.yml" (did you mean the built-in site.yml?)`,
		"elsewhere.yml": `elsewhere.yml: there is no playbook "elsewhere.yml"; built in are ` + strings.Join(BuiltIns(), ", "),
		"./site.yml":    `./site.yml: there is no playbook "./site.yml"; the built-in one is named without a folder: site.yml`,
		"folder":        "folder: is a folder, not a file",
	} {
		var problems config.Problems
		Load(name, &config.Files{}, &problems)
		if got := lines(&problems, "-"); len(got) != 1 || got[0] != want {
			t.Errorf("%s: got %v, want %s", name, got, want)
		}
	}
}
