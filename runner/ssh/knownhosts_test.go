package ssh

import (
	"encoding/base64"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/sys/unix"
)

// Newer OpenSSH writes a line of a kind that this program does not know beside each host's others: nobody shall read of it in every run.
func TestKnownHostsOfNewerKinds(t *testing.T) {
	newer := "10.0.0.1 ssh-mldsa44-ed25519 " + base64.StdEncoding.EncodeToString(ssh.Marshal(struct{ Kind, Key string }{"ssh-mldsa44-ed25519", "public"}))
	cases := map[string]string{
		newer:                        "",
		newer + " root@db1":          "",
		"nonsense nonsense nonsense": "known_hosts:1: passed over",
		"10.0.0.1 ssh-mldsa44-ed25519 AAAAbroken": "known_hosts:1: passed over",
	}
	for line, want := range cases {
		var warnings []string
		left, err := cleaned("known_hosts", []byte(line+"\n# end\n"), func(format string, args ...any) { warnings = append(warnings, fmt.Sprintf(format, args...)) })
		if err != nil || string(left) != "\n# end\n" {
			t.Errorf("%s: left %q, %v", line, left, err)
		}
		if got := strings.Join(warnings, "\n"); want == "" && got != "" || !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q", line, got)
		}
	}
}

// TestKnownHostsThatAnotherProgramKeepsLocked: hosts whose keys are known do not
// wait for the lock, and a new one says within the bound what it waited for.
func TestKnownHostsThatAnotherProgramKeepsLocked(t *testing.T) {
	s, twin := newServer(t), newServer(t)
	file := s.known(s.hostKey.PublicKey())
	d := s.dialer(func(o *Options, _ *machine, l *limits) {
		o.KnownHostsFiles, o.AcceptNewHostKeys = []string{file}, true
		l.lock = 300 * time.Millisecond
	})
	other, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	if err := unix.Flock(int(other.Fd()), unix.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	waits := make(chan error, 2)
	for range 2 {
		go func() {
			client, err := d.Open(t.Context(), twin.connection(), "db2")
			if err == nil {
				client.Close()
			}
			waits <- err
		}()
	}
	s.open(d)
	began := time.Now()
	for range 2 {
		wantError(t, <-waits, BadKnownHosts, file, "another program keeps it locked")
	}
	if late := time.Since(began); late > 5*time.Second {
		t.Errorf("told after %s", late)
	}
	if err := unix.Flock(int(other.Fd()), unix.LOCK_UN); err != nil {
		t.Fatal(err)
	}
	client, err := s.dialer(func(o *Options, _ *machine, _ *limits) {
		o.KnownHostsFiles, o.AcceptNewHostKeys = []string{file}, true
	}).Open(t.Context(), twin.connection(), "db2")
	if err != nil {
		t.Fatal(err)
	}
	client.Close()
}
