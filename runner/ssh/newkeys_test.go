package ssh

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
)

// Options of the inventory and ~/.ssh/config take no new host keys: only the
// operator's flag does.
func TestNewHostKeysComeByTheFlagOnly(t *testing.T) {
	s := newServer(t)
	m := home(t, map[string]string{"config": "StrictHostKeyChecking accept-new\n"})
	d := s.dialer(func(o *Options, used *machine, _ *limits) { o.KnownHostsFiles, *used = nil, m })
	c := s.connection()
	wantError(t, openError(t, d, c), UnknownHostKey, "--accept-new-host-keys")
	if _, err := os.Stat(filepath.Join(m.home, ".ssh", "known_hosts")); err == nil {
		t.Error("known_hosts was written")
	}
	c.CommonArgs = []string{"-o", "StrictHostKeyChecking=accept-new"}
	if err := d.Validate(c, "db1"); err == nil || !strings.Contains(err.Error(), "--accept-new-host-keys") {
		t.Errorf("got %v", err)
	}
}

// A key is added to files of host keys only: a line in another file may be a
// login, or a command.
func TestNewHostKeysGoToKnownHostsOnly(t *testing.T) {
	s := newServer(t)
	other, _ := newSigner(t)
	login := string(ssh.MarshalAuthorizedKey(other.PublicKey()))
	line, err := os.ReadFile(s.known(other.PublicKey()))
	if err != nil {
		t.Fatal(err)
	}
	moved := strings.Replace(string(line), "127.0.0.1", "127.0.0.2", 1) // another host's
	for name, c := range map[string]struct {
		file  string
		text  string // "-": there is no file
		taken bool
	}{
		"logins":            {"authorized_keys", login, false},
		"logins with names": {"authorized_keys", strings.TrimSpace(login) + " root@db1\n", false},
		"no logins yet":     {"authorized_keys", "", false},
		"not there":         {"authorized_keys", "-", false},
		"a profile":         {".profile", "PATH=/bin\n", false},
		"a name":            {"known_hosts.lab", "-", true},
		"with lines":        {"keys of the lab", "# lab\n" + moved, true},
		"mixed":             {"keys of the lab", moved + login, false},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), c.file)
			if c.text != "-" {
				if err := os.WriteFile(path, []byte(c.text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			d := s.dialer(func(o *Options, _ *machine, _ *limits) { o.KnownHostsFiles, o.AcceptNewHostKeys = []string{path}, true })
			if !c.taken {
				wantError(t, openError(t, d, s.connection()), BadKnownHosts, path, "known_hosts")
				if after, _ := os.ReadFile(path); string(after) != strings.TrimPrefix(c.text, "-") {
					t.Errorf("written: %q", after)
				}
				return
			}
			client, err := d.Open(context.Background(), s.connection(), "db1")
			if err != nil {
				t.Fatal(err)
			}
			client.Close()
			if after, _ := os.ReadFile(path); !strings.Contains(string(after), "[127.0.0.1]:") {
				t.Errorf("not remembered: %q", after)
			}
		})
	}
}

// HostKeyAlias stands at the beginning of a line that is written.
func TestHostKeyAliasIsAName(t *testing.T) {
	d := newDialer(Options{}, home(t, nil), defaultLimits())
	for alias, fine := range map[string]bool{
		"db1": true, "db-1.example.org": true, "10.0.0.1": true, "fd00::1": true,
		"no-X11-forwarding,command=\"x\"": false, "@revoked": false, "-x": false, "db*": false, "a b": false, "#": false, "|1|x": false,
	} {
		err := d.Validate(Connection{Address: "10.0.0.1", CommonArgs: []string{"-o", "HostKeyAlias=\"" + strings.ReplaceAll(alias, `"`, `\"`) + "\""}}, "db1")
		if fine != (err == nil) || !fine && !strings.Contains(err.Error(), "HostKeyAlias") {
			t.Errorf("%s: %v", alias, err)
		}
	}
}
