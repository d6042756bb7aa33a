//go:build integration

package integration

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/integration/lab"
)

// TestLogin has one host and every way of not getting in. Nothing may be written on it.
func TestLogin(t *testing.T) {
	c := hosts(t, lab.Config{Name: "login", Hosts: []string{"one"}})
	known := filepath.Join(c.Dir, "known_hosts")
	text, err := os.ReadFile(known)
	if err != nil {
		t.Fatal(err)
	}
	reset := func(text string) { write(t, known, text) }

	t.Run("unknown host key", func(t *testing.T) {
		reset("")
		c.site(t).want(t, unreachable).says(t, "SHA256:")
	})
	t.Run("changed host key", func(t *testing.T) {
		other := hosts(t, lab.Config{Name: "login-other", Hosts: []string{"other"}})
		foreign, err := os.ReadFile(filepath.Join(other.Dir, "known_hosts"))
		if err != nil {
			t.Fatal(err)
		}
		reset(strings.ReplaceAll(string(foreign), other.Hosts[0].Address.String(), c.Hosts[0].Address.String()))
		r := c.site(t, "--accept-new-host-keys").want(t, unreachable)
		if n := strings.Count(r.stdout+r.stderr, "SHA256:"); n < 2 {
			t.Errorf("want both fingerprints, got %d:\n%s%s", n, r.stdout, r.stderr)
		}
	})
	t.Run("sudo refused", func(t *testing.T) {
		reset(string(text))
		on(t, c.Hosts[0], "mv", "/etc/sudoers.d/admin", "/root/sudoers-admin")
		r := c.site(t).says(t, "sudo")
		on(t, c.Hosts[0], "mv", "/root/sudoers-admin", "/etc/sudoers.d/admin")
		if r.code != 2 && r.code != unreachable {
			t.Errorf("exit %d", r.code)
		}
	})
	if out := on(t, c.Hosts[0], "sh", "-c", "ls -d /etc/pgrun /run/pgrun /var/lib/pgrun/bin/* 2>/dev/null || true"); out != "" {
		t.Errorf("written by runs that were refused: %s", out)
	}
	t.Run("new host key accepted", func(t *testing.T) {
		reset("")
		c.site(t, "--accept-new-host-keys").want(t, 0)
		c.site(t).want(t, 0)
	})
	t.Run("check writes nothing on a fresh host", func(t *testing.T) {
		fresh := hosts(t, lab.Config{Name: "login-check", Hosts: []string{"db1"}})
		before := etc(t, fresh.Hosts[0])
		r := fresh.site(t, "--check").want(t, wouldChange)
		if !r.recap(t).Check {
			t.Error("the recap does not say that it was a check")
		}
		if after := etc(t, fresh.Hosts[0]); after != before {
			t.Errorf("files changed:\n%s\n%s", before, after)
		}
	})
}

// etc lists every file of the system's configuration and state with its time, but what the binary and the lock may leave, and
// the mark that Debian's sudo leaves at an administrator's first use.
func etc(t *testing.T, h *lab.Host) string {
	t.Helper()
	return on(t, h, "sh", "-c", `find /etc /var/lib /usr /opt /home -newer /etc/ssh/ssh_host_rsa_key -type f -not -path '/var/lib/pgrun/bin/*' -not -path '/var/lib/systemd/*' -not -name .sudo_as_admin_successful -printf '%p %T@\n' | sort`)
}
