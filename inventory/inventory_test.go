package inventory_test

import (
	"io"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/config"
	"github.com/pgrun/pgrun/inventory"
)

// write puts files into a folder.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	folder := t.TempDir()
	for name, text := range files {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

// load reads one inventory text, which must have no problem.
func load(t *testing.T, text string, extra ...string) *inventory.Inventory {
	t.Helper()
	var p config.Problems
	inv := inventory.Load([]string{filepath.Join(write(t, map[string]string{"i.yml": text}), "i.yml")}, extra, &p)
	if err := p.Err(); err != nil {
		t.Fatal(err)
	}
	return inv
}

// problems reads one inventory text, looks at all of it, and returns what is
// wrong.
func problems(t *testing.T, text string, extra ...string) string {
	t.Helper()
	folder := write(t, map[string]string{"i.yml": text})
	var p config.Problems
	inv := inventory.Load([]string{filepath.Join(folder, "i.yml")}, extra, &p)
	inv.CheckKeys([]string{"cluster", "patroni"}, &p)
	inv.CheckAddresses(inv.Hosts, &p)
	for _, h := range inv.Hosts {
		inv.Connection(h, &p)
	}
	if err := p.Err(); err != nil {
		return strings.ReplaceAll(err.Error(), folder+"/", "")
	}
	return ""
}

func names(hosts []*inventory.Host) string {
	var list []string
	for _, h := range hosts {
		list = append(list, h.Name)
	}
	return strings.Join(list, " ")
}

func host(t *testing.T, inv *inventory.Inventory, name string) *inventory.Host {
	t.Helper()
	hosts, err := inv.Match(name)
	if err != nil || len(hosts) != 1 {
		t.Fatalf("%s: %v, %v", name, hosts, err)
	}
	return hosts[0]
}

// The golden files are what ansible-core 2.19 prints.
func TestListAndGraphEqualAnsible(t *testing.T) {
	for _, c := range []struct {
		folder         string
		sources, extra []string
	}{
		{"testdata/ansible", []string{"inventory.yml"}, nil},
		{"testdata/sources", []string{"one", "two/inv.yml"}, []string{`x="a b" y=2`, `{"v1": {"z": 1}}`}},
	} {
		var paths []string
		for _, source := range c.sources {
			paths = append(paths, filepath.Join(c.folder, source))
		}
		var p config.Problems
		inv := inventory.Load(paths, c.extra, &p)
		if err := p.Err(); err != nil {
			t.Fatal(err)
		}
		golden(t, filepath.Join(c.folder, "list.json.golden"), inv.List)
		golden(t, filepath.Join(c.folder, "graph.golden"), inv.Graph)
	}
}

func golden(t *testing.T, file string, print func(io.Writer) error) {
	t.Helper()
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	if err := print(&got); err != nil || got.String() != string(want) {
		t.Errorf("%s: %v\n%s", file, err, got.String())
	}
}

func TestGroupsInOrder(t *testing.T) {
	inv := load(t, "all: {children: {etcd: {hosts: {db1: {}}}, db: {children: {pg: {hosts: {db1: {}}}}}}}")
	if got := host(t, inv, "db1").Groups; !reflect.DeepEqual(got, []string{"etcd", "db", "pg"}) {
		t.Errorf("%v", got)
	}
}

func TestSectionsMergeInOrder(t *testing.T) {
	folder := write(t, map[string]string{
		"one/i.yml": "all:\n  vars: {patroni: {a: all, b: all, list: [1, 2]}}\n" +
			"  children: {pg: {vars: {patroni: {b: pg, c: pg}}, hosts: {db1: {patroni: {d: host}}}}}",
		"one/group_vars/all/10.yml":  "patroni: {c: gv_all, e: gv_all}",
		"one/group_vars/all/20.yml":  "patroni: {e: gv_all2, list: [3]}",
		"one/group_vars/all/.hidden": "nonsense",
		"one/host_vars/db1.yaml":     "patroni: {f: hv}",
		"two/j.yml":                  "pg: {hosts: {db1: {patroni: {d: two}}}}",
		"two/group_vars/pg":          "patroni: {f: gv_pg, g: gv_pg}",
		"extra.yml":                  "patroni: {h: extra}",
	})
	var p config.Problems
	inv := inventory.Load([]string{filepath.Join(folder, "one"), filepath.Join(folder, "two/j.yml")},
		[]string{"@" + filepath.Join(folder, "extra.yml"), `{"patroni": {"i": 1}}`, "custom_a='x y' ansible_port=22"}, &p)
	if err := p.Err(); err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	config.Decode(inv.Files, inv.Hosts[0].Section("patroni"), &got, "patroni", &p)
	want := map[string]any{
		"a": "all", "b": "pg", "c": "gv_all", "d": "two", "e": "gv_all2", "f": "hv", "g": "gv_pg", "h": "extra", "i": 1,
		"list": []any{3},
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if got := inv.Hosts[0].Section("custom_a").Value; got != "x y" {
		t.Errorf("custom_a is %q", got)
	}
	if inv.Hosts[0].Section("nothing") != nil {
		t.Error("a section that is not there")
	}
}

func TestBadInventories(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"[db]\nhost1 ansible_host=1.2.3.4\n", "i.yml:1: is an INI inventory"},
		{"#!/bin/sh\n", "i.yml:1: is a script"},
		{"plugin: aws_ec2\n", "i.yml:1:1: inventory plugins are not run"},
		{"hunter2\n", "i.yml:1:1: is a text, and no YAML inventory"},
		{"- db1\n", "i.yml:1:1: an inventory is a mapping of groups"},
		{"", "i.yml: is empty"},
		{"all: [db1]", "i.yml:1:6: all: a group holds hosts, children and vars"},
		{"all: {host: {db1: {}}}", `i.yml:1:7: all: unknown key "host" (did you mean "hosts"?)`},
		{"all: {hosts: [db1]}", "i.yml:1:14: all.hosts: a mapping is expected"},
		{"all: {hosts: {db1: 3}}", "i.yml:1:20: all.hosts.db1: the variables of a host are a mapping"},
		{"all: {hosts: {-db1: {}}}", `i.yml:1:15: all.hosts: "-db1" is no name for a host`},
		{"all: {hosts: {'db 1': {}}}", "is no name for a host"},
		{"all: {hosts: {'db$(id)': {}}}", "is no name for a host"},
		{"all: {children: {'a:b': {}}}", "is no name for a group"},
		{"all: {children: {a: {children: {b: {children: {a: {}}}}}}}", "i.yml:1:33: a.children: the group b would contain itself"},
		{"a: {children: {all: {}}}", "the group all would contain itself"},
		{`all: {hosts: {"db[3:1]": {}}}`, "a range begins with the smaller value"},
		{`all: {hosts: {"db[1:999999999]": {}}}`, "more than 100000 hosts"},
		{`all: {hosts: {"a[1:999][1:999][1:999]": {}}}`, "more than 100000 hosts"},
		{`all: {hosts: {"db[01:100]": {}}}`, "equally long"},
		{`all: {hosts: {"db[1:]": {}}}`, "a range is written"},
		{`all: {hosts: {"db[1:x]": {}}}`, "two numbers or two letters"},
		{`all: {hosts: {"db[1:5:0]": {}}}`, "the step of a range"},
		{"all: {hosts: {db1: {}}, vars: {patronni: {}}}", `i.yml:1:32: unknown variable "patronni" (did you mean "patroni"?)`},
		{"all: {hosts: {db1: {}}, vars: {ansible_hots: x}}", `unknown connection variable "ansible_hots" (did you mean "ansible_host"?)`},
		{"empty: {vars: {custmo: 1}}", `unknown variable "custmo" (did you mean "custom"?)`},
		{"all: {hosts: {db1: {ansible_port: ssh}}}", `i.yml:1:35: ansible_port: a number from 1 to 65535 is expected, not "ssh"`},
		{"all: {hosts: {db1: {ansible_host: '{{ ip }}'}}}", "ansible_host: the inventory is not a template"},
		{"all: {hosts: {db1: {ansible_host: -oProxyCommand=id}}}", "begins with a dash"},
		{"all: {hosts: {db1: {ansible_user: [a]}}}", "one value is expected"},
		{"all: {hosts: {db1: {ansible_become_user: postgres}}}", `pgrun works as root: "postgres" is not possible, only root`},
		{"all: {hosts: {db1: {ansible_become_method: su}}}", "only sudo"},
		{"all: {hosts: {db1: {ansible_connection: docker}}}", "only local or ssh"},
		{"all: {hosts: {db1: {ansible_become: maybe}}}", "true or false is expected"},
		{"all: {hosts: {db1: {ansible_user: a, ansible_ssh_user: b}}}", "ansible_ssh_user: ansible_user says otherwise"},
		{"all: {hosts: {db1: {ansible_ssh_common_args: \"-o 'x\"}}}", "a quote is not closed"},
		{"all:\n  hosts:\n    db1: {address: 10.0.0.1}\n    db2: {ansible_host: 10.0.0.1}\n",
			"i.yml:4:25: address: db2 has the address 10.0.0.1, which db1 has too (i.yml:3:20)"},
	} {
		if got := problems(t, c.text); !strings.Contains(got, c.want) {
			t.Errorf("%s\n got %s\nwant %s", c.text, got, c.want)
		}
	}
	for extra, want := range map[string]string{
		"patroni":          `-e: "patroni" is no variable`,
		"patroni.ttl=3":    "write -e '{patroni: {ttl: ...}}'",
		"{patroni: [":      "-e:1:",
		"[a]":              "-e:1:1: -e takes variables",
		"@/nowhere/x.yml":  "/nowhere/x.yml: there is no such file",
		`a="b`:             "-e: a quote is not closed",
		"{patronni: {}}":   `-e:1:2: unknown variable "patronni"`,
		"ansible_port=abc": "ansible_port: a number",
	} {
		if got := problems(t, "all: {hosts: {db1: {}}}", extra); !strings.Contains(got, want) {
			t.Errorf("-e %s\n got %s\nwant %s", extra, got, want)
		}
	}
}

func TestSourcesThatAreNone(t *testing.T) {
	folder := write(t, map[string]string{"empty/readme.md": "x"})
	for path, want := range map[string]string{
		filepath.Join(folder, "missing.yml"): "there is no such file",
		filepath.Join(folder, "empty"):       "the folder holds no inventory file",
		"db1,db2,":                           "a list of hosts is no inventory",
	} {
		var p config.Problems
		inventory.Load([]string{path}, nil, &p)
		if err := p.Err(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", path, err)
		}
	}
	var p config.Problems
	inventory.Load(nil, nil, &p)
	if err := p.Err(); err == nil || !strings.Contains(err.Error(), "no inventory is given") {
		t.Errorf("%v", err)
	}
}

func TestStrangeVarsFilesWarn(t *testing.T) {
	folder := write(t, map[string]string{
		"i.yml": "all: {children: {etcd: {hosts: {db1: {}}}}}", "group_vars/etdc.yml": "{}", "group_vars/monitor.yml": "{}", "host_vars/db11": "",
	})
	var p config.Problems
	inventory.Load([]string{filepath.Join(folder, "i.yml")}, nil, &p).WarnStrays(&p)
	warnings := p.Warnings()
	if len(warnings) != 2 || !strings.Contains(warnings[0].Message, `did you mean "etcd"`) || !strings.Contains(warnings[1].Message, `"db11"`) {
		t.Errorf("%v", warnings)
	}
}

func FuzzLoad(f *testing.F) {
	for _, seed := range []string{
		sample, "all: &a {children: {b: *a}}", "a: {hosts: *x}", "all: {vars: {ansible_host: [1]}, hosts: {a: {<<: {address: 1}}}}",
		"all: {hosts: a, children: b}", "all: {hosts: {'a[1:2]:3': !x y}}", "all: {vars: {ansible_password: !vault x, ansible_become: {}}, hosts: {a: }}",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		_ = problems(t, text)
		var p config.Problems
		folder := write(t, map[string]string{"i.yml": text})
		inv := inventory.Load([]string{folder}, []string{text}, &p)
		for _, h := range inv.Hosts {
			if inv.Explain(io.Discard, h) != nil || inv.WriteHost(io.Discard, h) != nil {
				t.Error("not written")
			}
		}
		if inv.List(io.Discard) != nil || inv.Graph(io.Discard) != nil {
			t.Error("not listed")
		}
	})
}
