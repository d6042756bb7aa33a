//go:build integration || bench

package integration

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pgrun/pgrun/integration/lab"
)

const trip = 100 * time.Millisecond

// far is a second inventory by which every host is reached over a round trip of 100 ms, and known there.
func (c *cluster) far(t *testing.T) string {
	t.Helper()
	var inventory, known strings.Builder
	inventory.WriteString("all:\n  hosts:\n")
	for _, h := range c.Hosts {
		proxy, err := lab.Delay(t.Context(), h.Address.String()+":22", trip/2)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&inventory, "    %s: {ansible_host: 127.0.0.1, ansible_port: %d, address: %s}\n", h.Name, proxy.Port, h.Address)
		for line := range strings.Lines(on(t, h, "sh", "-c", "cat /etc/ssh/ssh_host_*_key.pub") + "\n") {
			fmt.Fprintf(&known, "[127.0.0.1]:%d %s", proxy.Port, line)
		}
	}
	dir := t.TempDir()
	fmt.Fprintf(&inventory, "  vars: {ansible_ssh_common_args: -o UserKnownHostsFile=%s/known_hosts}\n", dir)
	for name, text := range map[string]string{"far.yml": inventory.String(), "known_hosts": known.String()} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "far.yml")
}

// The second run's round trips: 10 to connect, 1 for each play and each survey, 2 to spare. Three of the plays look before
// anything is changed (members, settings), and PostgreSQL's has two parts.
const tripsAllowed = 10 + 8 + 4 + 2

// trips counts the round trips of a run that has nothing to do, by the time that they add. It takes the quickest of three each: what
// else the machine does adds time, and never takes any away.
func (c *cluster) trips(t *testing.T) float64 {
	t.Helper()
	far := c.far(t)
	c.site(t, "-i", far).unchanged(t, len(c.Hosts)) // what is cached by host is cached now
	quickest := func(args ...string) time.Duration {
		best := time.Hour
		for range 3 {
			best = min(best, c.site(t, args...).unchanged(t, len(c.Hosts)).took)
		}
		return best
	}
	return (quickest("-i", far) - quickest()).Seconds() / trip.Seconds()
}
