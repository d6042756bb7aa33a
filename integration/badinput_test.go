//go:build integration

package integration

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// sound is an inventory with nothing wrong in it, except that nobody listens there: a host that was contacted shows as exit 3.
const sound = `all:
  vars:
    ansible_user: admin
    cluster: {name: bad, postgres_version: 17, networks: [127.0.0.0/8]}
    apt_repo: {source: distribution}
  hosts:
    one: {ansible_host: 127.0.0.1, ansible_port: 1}
`

// bomb is a kilobyte that would be gigabytes.
func bomb() string {
	text := "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
	for i := 1; i < 10; i++ {
		text += fmt.Sprintf("a%d: &a%d [%s]\n", i, i, strings.TrimSuffix(strings.Repeat(fmt.Sprintf("*a%d,", i-1), 10), ","))
	}
	return "all: {vars: {custom: {" + strings.ReplaceAll(strings.TrimSpace(text), "\n", ", ") + "}}}\n"
}

// TestBadInput gives what is wrong before any host is contacted: exit 4, and a message that names the place.
func TestBadInput(t *testing.T) {
	cases := []struct {
		name, inventory, playbook string
		args                      []string
		says                      string
	}{
		{name: "unknown key", inventory: strings.Replace(sound, "networks", "netwroks", 1), says: `did you mean "networks"`},
		{name: "unknown section", inventory: strings.Replace(sound, "apt_repo", "apt_rep", 1), says: "apt_rep"},
		{name: "wrong type", inventory: strings.Replace(sound, "postgres_version: 17", "postgres_version: [many]", 1), says: "postgres_version"},
		{name: "duplicate key", inventory: sound + "    one: {ansible_host: 127.0.0.2}\n", says: "one"},
		{name: "two hosts with one address", inventory: sound + "    two: {ansible_host: 127.0.0.1, ansible_port: 2}\n", says: "127.0.0.1"},
		{name: "not YAML", inventory: "all: {hosts: [\n", says: "inventory.yml"},
		{name: "a list on top", inventory: "- all\n", says: "inventory.yml"},
		{name: "empty inventory", inventory: "", says: "inventory.yml"},
		{name: "YAML bomb", inventory: bomb(), says: "inventory.yml"},
		{name: "missing secret file", inventory: sound + "  children:\n    postgres: {hosts: {one: {patroni: {superuser_password: !file nowhere}}}}\n    etcd: {hosts: {one: {}}}\n", says: "nowhere"},
		{name: "no hosts after limit", inventory: sound, args: []string{"--limit", "all:!one"}, says: "limit"},
		{name: "unknown host in limit", inventory: sound, args: []string{"-l", "tow"}, says: "tow"},
		{name: "unknown tag", inventory: sound, args: []string{"--tags", "nosuch"}, says: "nosuch"},
		{name: "unknown flag", inventory: sound, args: []string{"--nosuch"}, says: "nosuch"},
		{name: "unknown role", inventory: sound, playbook: "- hosts: all\n  roles: [patrony]\n", says: "patrony"},
		{name: "unknown action", inventory: sound, playbook: "- hosts: all\n  roles: [{role: etcd, action: explode}]\n", says: "explode"},
		{name: "unknown play key", inventory: sound, playbook: "- hosts: all\n  rolls: [os]\n", says: "rolls"},
		{name: "empty playbook", inventory: sound, playbook: " ", says: "play.yml"},
		{name: "a value with a newline", inventory: strings.Replace(sound, "name: bad", `name: "bad\n$(reboot)"`, 1), says: "name"},
		{name: "a value with a leading dash", inventory: strings.Replace(sound, "name: bad", `name: "-rf"`, 1), says: "name"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir, playbook := t.TempDir(), "site.yml"
			write(t, filepath.Join(dir, "inventory.yml"), c.inventory)
			if c.playbook != "" {
				playbook = filepath.Join(dir, "play.yml")
				write(t, playbook, c.playbook)
			}
			r := pgrun(t, append([]string{playbook, "-i", filepath.Join(dir, "inventory.yml")}, c.args...)...)
			r.want(t, wrongInput).says(t, c.says)
		})
	}
}

// TestBadFiles gives paths that are not what they should be.
func TestBadFiles(t *testing.T) {
	dir := t.TempDir()
	inventory := filepath.Join(dir, "inventory.yml")
	write(t, inventory, sound)
	cases := map[string][]string{
		"no such inventory":         {"site.yml", "-i", filepath.Join(dir, "nowhere.yml")},
		"no such playbook":          {"nowhere.yml", "-i", inventory},
		"a folder for a playbook":   {dir, "-i", inventory},
		"no such private key":       {"site.yml", "-i", inventory, "--private-key", filepath.Join(dir, "nokey")},
		"two playbooks, one absent": {"site.yml", "nowhere.yml", "-i", inventory},
	}
	for name, args := range cases {
		t.Run(name, func(t *testing.T) { pgrun(t, args...).want(t, wrongInput) })
	}
}

// TestUnreachable dials a port where nobody listens.
func TestUnreachable(t *testing.T) {
	inventory := filepath.Join(t.TempDir(), "inventory.yml")
	write(t, inventory, sound)
	r := pgrun(t, "site.yml", "-i", inventory).want(t, unreachable).says(t, "127.0.0.1")
	if r.took > 30*time.Second {
		t.Errorf("it took %s", r.took)
	}
}

func (r result) says(t *testing.T, text string) result {
	t.Helper()
	if out := r.stdout + r.stderr; !strings.Contains(out, text) || strings.Contains(out, "panic:") || strings.Contains(out, "goroutine ") {
		t.Errorf("the message does not say %q:\n%s", text, last(out, 3000))
	}
	return r
}
