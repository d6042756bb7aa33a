//go:build bench

package integration

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/pgrun/pgrun/integration/lab"
)

// ansible does fifty steps that are done already on the same hosts, where it is installed. It gets what it asks for: Python on
// every host, pipelining, a connection for each host at once.
func ansible(t *testing.T, f figures, c *cluster) {
	const what = "Ansible, 50 steps that are done already"
	command, err := exec.LookPath("ansible-playbook")
	if err != nil {
		f.line(what, "not installed", "about 150 x the floor")
		return
	}
	c.python(t)
	folder := t.TempDir()
	play, inventory := filepath.Join(folder, "fifty.yml"), filepath.Join(folder, "hosts.yml")
	write(t, play, "- hosts: all\n  become: true\n  gather_facts: true\n  tasks:\n"+
		strings.Repeat("    - ansible.builtin.file: {path: /etc/ssh, state: directory, mode: '0755'}\n", 50))
	write(t, inventory, c.ansibleInventory())
	for _, run := range []string{"first", "second"} {
		begun := time.Now()
		cmd := exec.CommandContext(t.Context(), command, "-i", inventory, play, "-f", fmt.Sprint(len(c.Hosts)))
		cmd.Env = append(os.Environ(), "ANSIBLE_PIPELINING=1")
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("ansible-playbook: %v\n%s", err, last(string(out), 2000))
		}
		f.line(what+", "+run+" run", seconds(time.Since(begun)), "about 150 x the floor")
	}
}

// python is on the database hosts already, where Patroni needs it.
func (c *cluster) python(t *testing.T) {
	t.Helper()
	var all errgroup.Group
	for _, h := range c.Hosts {
		all.Go(func() error { return installPython(t, h) })
	}
	if err := all.Wait(); err != nil {
		t.Fatal(err)
	}
}

func installPython(t *testing.T, h *lab.Host) error {
	out, err := h.Exec(t.Context(), "sh", "-c", "command -v python3 || apt-get install -y -q --no-install-recommends python3")
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", h.Name, err, last(out, 1000))
	}
	return nil
}

// ansibleInventory has the same hosts without pgrun's sections, whose !file Ansible does not know.
func (c *cluster) ansibleInventory() string {
	var text strings.Builder
	fmt.Fprintf(&text, "all:\n  vars: {ansible_user: admin, ansible_ssh_private_key_file: %q, ansible_ssh_common_args: %q}\n  hosts:\n",
		filepath.Join(c.Dir, "key"), "-F none -o UserKnownHostsFile="+filepath.Join(c.Dir, "known_hosts"))
	for _, h := range c.Hosts {
		fmt.Fprintf(&text, "    %s: {ansible_host: %s}\n", h.Name, h.Address)
	}
	return text.String()
}
