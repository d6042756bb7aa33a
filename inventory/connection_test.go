package inventory_test

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/pgrun/pgrun/config"
	"github.com/pgrun/pgrun/inventory"
)

func TestConnection(t *testing.T) {
	folder := write(t, map[string]string{
		"i.yml": `
all:
  hosts:
    db1:
      ansible_host: 10.0.0.1
      ansible_port: "2222"
      ansible_user: admin
      ansible_ssh_private_key_file: keys/id
      ansible_ssh_common_args: -J jump -o "ProxyCommand=x y"
      ansible_ssh_extra_args: -C
      ansible_ssh_timeout: 20
      ansible_password: !env X
      ansible_become: yes
      ansible_become_user: root
      ansible_become_password: !command [pass, show]
      ansible_python_interpreter: /usr/bin/python3
      ansible_host_key_checking: true
      ansible_ssh_args: -o ServerAliveInterval=5
      ansible_ssh_executable: /usr/bin/ssh
      ansible_become_exe: sudo
      ansible_ssh_retries: 3
    db2: {ansible_private_key_file: ~/id, ansible_connection: local}
    db3: {}
`})
	var p config.Problems
	inv := inventory.Load([]string{filepath.Join(folder, "i.yml")}, nil, &p)
	inv.CheckKeys(nil, &p)
	got := inv.Connection(inv.Hosts[0], &p)
	if !got.Password.IsSet() || !got.BecomePassword.IsSet() || got.Become == nil || !*got.Become {
		t.Errorf("%+v", got)
	}
	got.Password, got.BecomePassword, got.Become = config.Secret{}, config.Secret{}, nil
	want := inventory.Connection{
		Address: "10.0.0.1", Port: 2222, User: "admin", PrivateKeyFile: filepath.Join(folder, "keys/id"),
		Args: []string{"-o", "ServerAliveInterval=5"}, CommonArgs: []string{"-J", "jump", "-o", "ProxyCommand=x y"},
		ExtraArgs: []string{"-C"}, Timeout: 20 * time.Second, Retries: 3,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	home, _ := os.UserHomeDir()
	if got := inv.Connection(inv.Hosts[1], &p); !got.Local || got.PrivateKeyFile != filepath.Join(home, "id") {
		t.Errorf("%+v", got)
	}
	if got := inv.Connection(inv.Hosts[2], &p); !reflect.DeepEqual(got, inventory.Connection{Address: "db3"}) {
		t.Errorf("%+v", got)
	}
	if err := p.Err(); err != nil || len(p.Warnings()) != 1 {
		t.Errorf("%v, %v", err, p.Warnings())
	}
}

func TestResolveConnection(t *testing.T) {
	t.Setenv("PGRUN_TEST", "hunter2")
	inv := load(t, "all: {hosts: {db1: {ansible_user: a, ansible_password: !env PGRUN_TEST, patroni: {password: !env PGRUN_MISSING}}, "+
		"db2: {ansible_password: !env PGRUN_MISSING}}}")
	c, err := inv.ResolveConnection(context.Background(), inv.Hosts[0])
	if err != nil || c.Password.Reveal() != "hunter2" || c.User != "a" {
		t.Errorf("%+v, %v", c, err)
	}
	_, err = inv.ResolveConnection(context.Background(), inv.Hosts[1])
	if err == nil || !strings.Contains(err.Error(), "ansible_password: the environment variable PGRUN_MISSING is not set") {
		t.Errorf("%v", err)
	}
}

func TestAPasswordForSudoIsNotPassedOver(t *testing.T) {
	inv := load(t, "all: {hosts: {db1: {ansible_become_password: !env X}}}")
	var p config.Problems
	inv.Connection(inv.Hosts[0], &p)
	if w := p.Warnings(); len(w) != 1 || !strings.Contains(w[0].String(), "ansible_become_password: is not used: let sudo ask for no password") {
		t.Errorf("%v", w)
	}
}

func TestClusterAddress(t *testing.T) {
	for vars, want := range map[string]string{
		"{address: 10.0.0.1, ansible_host: db.example.org}": "10.0.0.1",
		"{ansible_host: 10.0.0.2}":                          "10.0.0.2",
		"{ansible_host: '::ffff:10.0.0.2'}":                 "10.0.0.2",
		"{address: 'fd00::1'}":                              "fd00::1",
		"{address: null, ansible_host: 10.0.0.3}":           "10.0.0.3",
		"{}":                             "i.yml:1:15: address: the host db1 has no address",
		"{ansible_host: db.example.org}": "write address: and its IP",
		"{ansible_connection: local}":    "has no address",
		"{address: db1}":                 `i.yml:1:30: address: an IP address is expected, not the text "db1"`,
		"{address: 0.0.0.0}":             "cannot be reached",
		"{address: 'fe80::1%eth0'}":      "cannot be reached",
		"{address: [10.0.0.1]}":          "an IP address is expected",
	} {
		var p config.Problems
		inv := load(t, "all: {hosts: {db1: "+vars+"}}")
		got := inv.ClusterAddress(inv.Hosts[0], &p).String()
		if err := p.Err(); err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, want) {
			t.Errorf("%s is %s, want %s", vars, got, want)
		}
	}
}

// TestHostsNamedByTheirAddress: the usual form of many inventories.
func TestHostsNamedByTheirAddress(t *testing.T) {
	for text, want := range map[string]string{
		"all: {hosts: {10.0.0.1: {}}}":                             "10.0.0.1",
		"all: {hosts: {10.0.0.1: {ansible_host: 10.0.0.2}}}":       "10.0.0.2",
		"all: {hosts: {10.0.0.1: {ansible_host: ~}}}":              "10.0.0.1",
		"all: {hosts: {10.0.0.1: {address: 10.0.0.3}}}":            "10.0.0.3",
		"all: {hosts: {'10.0.0.1:2222': {}}}":                      "10.0.0.1",
		"all: {hosts: {10.0.0.1: {ansible_host: db.example.org}}}": "the host 10.0.0.1 has no address",
		"all: {hosts: {0.0.0.0: {}}}":                              "the host 0.0.0.0 has no address",
	} {
		var p config.Problems
		inv := load(t, text)
		got := inv.ClusterAddress(inv.Hosts[0], &p).String()
		if err := p.Err(); err != nil {
			got = err.Error()
		}
		if !strings.Contains(got, want) {
			t.Errorf("%s is %s, want %s", text, got, want)
		}
	}
}

func TestLoopbackIsNobodysAddressForOthers(t *testing.T) {
	for text, want := range map[string]string{
		"all: {hosts: {db1: {address: 127.0.0.1}, db2: {address: 10.0.0.2}}}":                                      "i.yml:1:30: address: 127.0.0.1 is each host itself, and not db1 for the others of the cluster: write address: and its IP",
		"all: {hosts: {db1: {ansible_host: 127.0.1.1}, db2: {address: 10.0.0.2}}}":                                 "i.yml:1:35: address: 127.0.1.1 is each host itself",
		"all: {hosts: {db1: {address: '::1'}, db2: {address: 10.0.0.2}}}":                                          "::1 is each host itself",
		"all: {hosts: {db1: {address: 127.0.0.1}}}":                                                                "",
		"all: {hosts: {db1: {ansible_host: 127.0.0.1, address: 10.0.0.1}, db2: {ansible_host: 10.0.0.2}}}":         "",
		"all: {hosts: {db1: {ansible_host: 127.0.0.1, ansible_connection: local}, db2: {ansible_host: 10.0.0.2}}}": "is each host itself",
	} {
		if got := problems(t, text); !strings.Contains(got, want) || want == "" && got != "" {
			t.Errorf("%s\n got %s\nwant %s", text, got, want)
		}
	}
}

func TestExplain(t *testing.T) {
	inv := load(t, `all:
  vars:
    patroni: {ttl: 30, superuser_password: hunter2, tags: [a, "b"]}
    custom: {note: "value", key: !env KEY}
  hosts:
    db1: {patroni: {ttl: 40}}
`, "{patroni: {ttl: 50}}")
	var text strings.Builder
	if err := inv.Explain(&text, inv.Hosts[0]); err != nil {
		t.Fatal(err)
	}
	file := inv.Files.Pos(inv.Hosts[0].Section("custom")).File
	got := strings.ReplaceAll(text.String(), file, "i.yml")
	want := `db1: all
patroni.ttl: 50
    -e:1:17 (-e)
    over 40: i.yml:6:26 (host db1)
    over 30: i.yml:3:20 (group all)
patroni.superuser_password: '***'
    i.yml:3:44 (group all)
patroni.tags: [a, "b"]
    i.yml:3:59 (group all)
custom.note: "value"
    i.yml:4:20 (group all)
custom.key: !env KEY
    i.yml:4:34 (group all)
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	text.Reset()
	if err := inv.WriteHost(&text, inv.Hosts[0]); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(text.String(), "hunter2") || !strings.Contains(text.String(), "ttl: 50") {
		t.Errorf("%s", text.String())
	}
}

// TestNothingOfALoginIsPassedOver: what pgrun cannot do is said at its place.
func TestNothingOfALoginIsPassedOver(t *testing.T) {
	for vars, want := range map[string]string{
		"ansible_host_key_checking: false":           "i.yml:1:21: ansible_host_key_checking: pgrun always checks host keys; take it out, --accept-new-host-keys",
		"ansible_ssh_host_key_checking: no":          "pgrun always checks host keys",
		"ansible_paramiko_host_key_checking: 'no'":   "pgrun always checks host keys",
		"ansible_ssh_executable: /opt/bin/tsh":       `ansible_ssh_executable: pgrun speaks SSH itself and runs no program for it: "/opt/bin/tsh" is not used; take it out`,
		"ansible_become_exe: doas":                   `ansible_become_exe: pgrun becomes root through sudo: "doas" is not used`,
		"ansible_sudo_exe: /usr/bin/sudo -i":         "ansible_sudo_exe: pgrun becomes root through sudo",
		"ansible_ssh_private_key: !env K":            "ansible_ssh_private_key: is not read: write ansible_ssh_private_key_file",
		"ansible_private_key_passphrase: x":          "or load the key into the agent (ssh-add)",
		"ansible_ssh_pkcs11_provider: /usr/lib/x.so": "load the token into the agent",
		"ansible_ssh_args: -o 'x":                    "ansible_ssh_args: a quote is not closed",
		"ansible_ssh_retries: often":                 "a number from 0 to 20 is expected",
	} {
		if got := problems(t, "all: {hosts: {db1: {"+vars+"}}}"); !strings.Contains(got, want) {
			t.Errorf("%s\n got %s\nwant %s", vars, got, want)
		}
	}
}
