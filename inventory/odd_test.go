package inventory_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pgrun/pgrun/config"
	"github.com/pgrun/pgrun/inventory"
)

func TestOddHosts(t *testing.T) {
	for text, want := range map[string]string{
		`all: {hosts: {"db[0:9223372036854775807:9223372036854775807]": {}}}`:   `"db9223372036854775807"`,
		`all: {hosts: {"` + strings.Repeat("[1:1]", 60) + `": {}}}`:             "a name of a host has at most 253 characters",
		`all: {hosts: {` + strings.Repeat("a", 254) + `: {}}}`:                  "a name of a host has at most 253 characters",
		`all: {hosts: {db1: {ansible_ssh_common_args: !env ARGS}}}`:             `i.yml:1:46: ansible_ssh_common_args: !env is for secrets: write the value itself`,
		`all: {hosts: {db1: {ansible_private_key_file: !file key}}}`:            `ansible_private_key_file: !file is for secrets`,
		`all: {hosts: {db1: {ansible_port: !command [a]}}}`:                     `ansible_port: !command is for secrets`,
		`all: {hosts: {all: {}}}`:                                               `i.yml:1:15: all.hosts: "all" is the group of all hosts, and no name for one`,
		`all: {hosts: {db1: {ansible_host: $(id)}}}`:                            `i.yml:1:35: ansible_host: "$(id)" has the character '$' in it, which no address has`,
		"all: {hosts: {db1: {ansible_host: \"db1\\e[2J\"}}}":                    "which no address has",
		`all: {hosts: {db1: {ansible_user: "a;b"}}}`:                            `ansible_user: "a;b" has the character ';' in it, which no user name has`,
		`all: {hosts: {db1: {ansible_host: "fe80::1%eth0", address: 1.2.3.4}}}`: "",
		`all: {hosts: {db1: {ansible_user: "DOM\\an.user@x.org"}}}`:             "",
	} {
		got := problems(t, text)
		if strings.Contains(want, "9223372036854775807") {
			inv := load(t, text)
			if len(inv.Hosts) != 2 || inv.Hosts[0].Name != "db0" || strconv.Quote(inv.Hosts[1].Name) != want {
				t.Errorf("%s: %s", text, names(inv.Hosts))
			}
			continue
		}
		if (want == "") != (got == "") || !strings.Contains(got, want) {
			t.Errorf("%.80s\n got %s\nwant %s", text, got, want)
		}
	}
}

func TestHostsThatAreOneMachine(t *testing.T) {
	for hosts, want := range map[string]string{
		"db1: {ansible_host: x, address: 10.0.0.1}, db2: {ansible_host: x, address: 10.0.0.2}":                                        "i.yml:1:78: ansible_host: db2 is reached at x, where db1 is (i.yml:1:35): two hosts are two machines",
		"db1: {ansible_host: x, address: 10.0.0.1}, db2: {ansible_host: x, ansible_port: 23, address: 10.0.0.2}":                      "",
		"db1: {ansible_host: x, address: 10.0.0.1}, db2: {ansible_host: x, ansible_ssh_common_args: -Jb, address: 10.0.0.2}":          "",
		"db1: {ansible_connection: local, address: 10.0.0.1}, db2: {ansible_host: db1, ansible_connection: local, address: 10.0.0.2}": "",
	} {
		inv := load(t, "all: {hosts: {"+hosts+"}}")
		var p config.Problems
		inv.CheckAddresses(inv.Hosts, &p)
		got := ""
		for _, w := range p.Warnings() {
			got += strings.ReplaceAll(w.String(), filepath.Dir(w.Pos.File)+"/", "")
		}
		if strings.ReplaceAll(got, filepath.Dir(inv.Hosts[0].Pos().File)+"/", "") != want {
			t.Errorf("%s\n got %s\nwant %s", hosts, got, want)
		}
	}
}

func TestManyGroups(t *testing.T) {
	var text strings.Builder
	for i := range 100_000 {
		text.WriteString("g" + strconv.Itoa(i) + ":\n")
	}
	begin := spentCPU(t)
	load(t, text.String())
	if spent := spentCPU(t) - begin; spent > 10*time.Second {
		t.Errorf("100,000 groups take %s", spent)
	}
}

// spentCPU is what this process has used, however busy the machine is.
func spentCPU(t *testing.T) time.Duration {
	t.Helper()
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		t.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// variables reads an inventory with a host db1 and what else lies beside it,
// and returns what is wrong.
func variables(t *testing.T, folder string) string {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder, "i.yml"), []byte("all: {hosts: {db1: {}}}"), 0o600); err != nil {
		t.Fatal(err)
	}
	var p config.Problems
	inventory.Load([]string{filepath.Join(folder, "i.yml")}, nil, &p)
	var text []string
	for _, w := range p.Warnings() {
		text = append(text, w.String())
	}
	if err := p.Err(); err != nil {
		text = append(text, err.Error())
	}
	return strings.ReplaceAll(strings.Join(text, "\n"), folder+"/", "")
}

// Settings that are passed over would be lost without a word.
func TestNoVariablesAreLost(t *testing.T) {
	link := func(target, name string) func(string) error {
		return func(folder string) error { return os.Symlink(target, filepath.Join(folder, name)) }
	}
	for want, c := range map[string]struct {
		files map[string]string
		also  func(folder string) error
	}{
		"group_vars/all.yml: there is no such file":                       {map[string]string{"group_vars/x.md": ""}, link("nowhere", "group_vars/all.yml")},
		"group_vars: there is no such file":                               {nil, link("nowhere", "group_vars")},
		"group_vars: is no folder":                                        {map[string]string{"group_vars": "a: b"}, nil},
		"host_vars: is no folder":                                         {map[string]string{"host_vars": "a: b"}, nil},
		"group_vars/all.yml: is passed over, since group_vars/all counts": {map[string]string{"group_vars/all/a.yml": "", "group_vars/all.yml": ""}, nil},
		"host_vars/db1.json: is passed over, since host_vars/db1.yml":     {map[string]string{"host_vars/db1.yml": "", "host_vars/db1.json": ""}, nil},
		"group_vars/all/again":                                            {map[string]string{"group_vars/all/a.yml": ""}, link(".", "group_vars/all/again")},
	} {
		folder := write(t, c.files)
		if c.also != nil {
			if err := c.also(folder); err != nil {
				t.Fatal(err)
			}
		}
		if got := variables(t, folder); !strings.Contains(got, want) || strings.Contains(got, "<nil>") {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}

func TestExtraTellsNoPartOfASecret(t *testing.T) {
	for extra, want := range map[string]string{
		"password=my hunter2":      `-e: word 2 is no variable: write name=value, with quotes around a value that has spaces`,
		"password=my hunter2=x":    `unknown variable "hunter2"`, // a name, as it is written
		"password=\xff":            "-e:1:10: the byte 0xff is not UTF-8",
		"{password: [hunter2] {}}": "-e:1:",
	} {
		got := problems(t, "all: {hosts: {db1: {}}}", extra)
		if !strings.Contains(got, want) || strings.Contains(got, "hunter2") && !strings.Contains(want, "hunter2") {
			t.Errorf("-e %q\n got %s\nwant %s", extra, got, want)
		}
	}
}

func TestLimitFileIsBounded(t *testing.T) {
	folder := write(t, map[string]string{"large": strings.Repeat("#\n", 3<<20)})
	for path, want := range map[string]string{filepath.Join(folder, "large"): "larger than", folder: "is a folder", "nowhere": "no such file"} {
		if _, err := load(t, sample).Limit("@" + path); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", path, err)
		}
	}
}

func TestSecretsInListsAreHidden(t *testing.T) {
	inv := load(t, `all:
  vars: {custom: {tokens: [hunter2, {a: hunter2}], credentials: {of: {db: hunter2}}, private_key: hunter2, key_file: shown1, bypass: shown1, passive: shown1, password_file: shown2}}
  hosts: {db1: {}}
`)
	for _, print := range []func(*strings.Builder) error{
		func(b *strings.Builder) error { return inv.WriteHost(b, inv.Hosts[0]) },
		func(b *strings.Builder) error { return inv.Explain(b, inv.Hosts[0]) },
	} {
		var b strings.Builder
		if err := print(&b); err != nil || strings.Contains(b.String(), "hunter2") || strings.Count(b.String(), "shown1") != 3 || !strings.Contains(b.String(), "shown2") {
			t.Errorf("%v\n%s", err, b.String())
		}
	}
}

func TestListKeysAreThoseOfPython(t *testing.T) {
	inv := load(t, `all: {hosts: {db1: {custom: {yes: 1, 0755: 2, ~: 3, 1.0: 4, 5432: 5, 'no': 6}}}}`)
	var b strings.Builder
	if err := inv.List(&b); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{`"true": 1`, `"493": 2`, `"null": 3`, `"1.0": 4`, `"5432": 5`, `"no": 6`} {
		if !strings.Contains(b.String(), key) {
			t.Errorf("%s lacks %s", b.String(), key)
		}
	}
}

// Each level names the one below twice: without care that doubles the work.
func TestListOfEmptyGroups(t *testing.T) {
	var text strings.Builder
	for i := range 40 {
		next := strconv.Itoa(i + 1)
		text.WriteString("a" + strconv.Itoa(i) + ": {children: {a" + next + ": , b" + next + ": }}\nb" + strconv.Itoa(i) + ": {children: {a" + next + ": , b" + next + ": }}\n")
	}
	var b strings.Builder
	if err := load(t, text.String()).List(&b); err != nil {
		t.Fatal(err)
	}
}
