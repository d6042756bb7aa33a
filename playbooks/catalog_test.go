package playbooks

import (
	"reflect"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/config"
)

// conventional are the roles and actions that the built-in playbooks count on.
func conventional() Catalog {
	one := func(name string) CatalogAction { return CatalogAction{Name: name, OneByOne: true} }
	all := func(name string) CatalogAction { return CatalogAction{Name: name} }
	return Catalog{
		{Name: "cluster"}, {Name: "preflight", Actions: []CatalogAction{all("upgradable")}}, {Name: "os"}, {Name: "apt_repo"},
		{Name: "etcd", Actions: []CatalogAction{all("members"), all("ready"), all("download"), one("replace"), one("restart"), one("upgrade"), all("removable"), one("remove"), all("leave")}},
		{Name: "postgres", Actions: []CatalogAction{{Name: "check"}}},
		{Name: "patroni", Actions: []CatalogAction{
			all("members"), all("ready"), all("verify"), all("download"), {Name: "restart", OneByOne: true, Takes: []string{"force"}},
			one("pause"), one("resume"), one("reinit"), {Name: "switchover", OneByOne: true, Takes: []string{"to"}}, one("upgrade"), all("close"),
			all("removable"), one("yield"), one("leave"), all("forget"),
		}},
		{Name: "haproxy", Actions: []CatalogAction{all("ready"), all("download"), one("restart"), one("upgrade")}},
	}
}

func TestBuiltInPlaybooks(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, name := range BuiltIns() {
		var problems config.Problems
		book := Load(name, &config.Files{}, &problems)
		book.Validate(conventional(), &problems)
		if err := problems.Err(); err != nil || !book.BuiltIn || len(book.Plays) == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestValidate(t *testing.T) {
	dir := write(t, map[string]string{"p.yml": `
- {hosts: all, roles: [etdc]}
- {hosts: all, roles: [zzzzzzzzzz]}
- {hosts: etcd, roles: [{role: etcd, action: restat}]}
- {hosts: etcd, roles: [{role: os, action: restart}]}
- {hosts: etcd, serial: 2, roles: [{role: etcd, action: restart}]}
- {hosts: etcd, serial: 1, roles: [{role: etcd, action: restart}]}
- {hosts: etcd, roles: [etcd, {role: etcd, action: restart}]}
- {hosts: etcd, serial: 2, roles: [etcd, {role: etcd, action: ready}]}
`})
	var problems config.Problems
	book := Load(dir+"/p.yml", &config.Files{}, &problems)
	book.Validate(conventional(), &problems)
	want := []string{
		`p.yml:2:24: roles: unknown role "etdc" (did you mean "etcd"?)`,
		`p.yml:3:24: roles: unknown role "zzzzzzzzzz" (known: apt_repo, cluster, etcd, haproxy, os, patroni, postgres, preflight)`,
		`p.yml:4:46: roles: role etcd has no action "restat" (did you mean "restart"?)`,
		`p.yml:5:44: roles: role os has no actions`,
		`p.yml:6:25: serial: etcd restart runs one host at a time, always; leave serial out`,
		`p.yml:8:38: roles: etcd restart runs one host at a time; give it a play of its own`,
	}
	if got := lines(&problems, dir); !reflect.DeepEqual(got, want) {
		t.Errorf("got:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
