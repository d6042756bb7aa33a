//go:build integration

package integration

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// secrets are all passwords of the lab, by name.
func (c *cluster) secrets(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, name := range []string{"superuser", "replication", "rewind", "restapi", "app", "haproxy"} {
		secret, err := c.Secret(name)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = secret
	}
	return all
}

// silent ends the test if the run said a secret, diffs and all.
func (r result) silent(t *testing.T, secrets map[string]string) {
	t.Helper()
	for name, secret := range secrets {
		if strings.Contains(r.stdout+r.stderr, secret) {
			t.Errorf("the password %s is in the output", name)
		}
	}
}

// Passwords are neither in a host's logs nor in a file that just anyone there can read.
func noSecretsLeft(t *testing.T, c *cluster) {
	var patterns strings.Builder
	for _, secret := range c.secrets(t) {
		patterns.WriteString(secret + "\n")
	}
	for _, h := range c.Hosts {
		script := `cat > /root/patterns
journalctl --no-pager | grep --fixed-strings --file /root/patterns | cut -c1-300
find /etc /var /run /tmp /home /opt /dev/shm -type f -perm -o=r -print0 | xargs -0r grep --files-with-matches --no-messages --fixed-strings --file /root/patterns
find /var/log -type f -print0 | xargs -0r grep --files-with-matches --no-messages --fixed-strings --file /root/patterns
rm /root/patterns`
		out, err := h.Feed(t.Context(), strings.NewReader(patterns.String()), "sh", "-c", script)
		if err != nil || out != "" {
			t.Errorf("%s: secrets in: %s %v", h.Name, out, err)
		}
	}
}

// eavesdrop looks at the argv of everything that runs on this machine, so on all hosts, until it is told to stop; then it names the
// secrets that it saw, each with the command.
func eavesdrop(t *testing.T, secrets map[string]string) (stop func() []string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	heard := make(chan []string)
	go func() {
		seen := map[string]bool{}
		tick := time.NewTicker(500 * time.Millisecond)
		defer tick.Stop()
		for ctx.Err() == nil {
			listen(secrets, seen)
			select {
			case <-ctx.Done():
			case <-tick.C:
			}
		}
		var all []string
		for what := range seen {
			all = append(all, what)
		}
		heard <- all
	}()
	return func() []string { cancel(); return <-heard }
}

func listen(secrets map[string]string, seen map[string]bool) {
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline") // the pattern is right
	for _, file := range files {
		argv, err := os.ReadFile(file)
		if err != nil {
			continue // ended since
		}
		for name, secret := range secrets {
			if bytes.Contains(argv, []byte(secret)) {
				shown := strings.ReplaceAll(strings.ReplaceAll(string(argv), secret, "<"+name+">"), "\x00", " ")
				seen[shown] = true
			}
		}
	}
}
