//go:build integration

package integration

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/pgrun/pgrun/integration/lab"
)

// TestInterrupted presses ^C in the middle of a first deployment: steps in flight end, locks are free at once, the next run
// converges.
func TestInterrupted(t *testing.T) {
	c := hosts(t, lab.Config{Name: "interrupted", Hosts: []string{"db1", "lb1"}})
	p := begin(t.Context(), t, "site.yml", "-i", c.Inventory(), "--output", "json")
	eventually(t, time.Minute, func(ctx context.Context) error {
		// apt is at work: the longest step, and the one not to be halved
		out, err := c.Hosts[0].Exec(ctx, "sh", "-c", "cat /proc/[0-9]*/comm 2>/dev/null || true")
		if err == nil && !strings.Contains(out, "dpkg") {
			err = errors.New("no dpkg runs yet")
		}
		return err
	})
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	pressed := time.Now()
	r := p.end(t).want(t, 130)
	t.Logf("measured: ^C while packages are installed: ended after %.1f s", time.Since(pressed).Seconds())
	if out := on(t, c.Hosts[0], "sh", "-c", "dpkg --audit; fuser /var/lib/dpkg/lock 2>/dev/null || true"); out != "" {
		t.Errorf("dpkg was left in the middle: %s", out)
	}
	if len(r.changes()) == 0 {
		t.Error("it does not tell what was changed before")
	}
	c.site(t).want(t, 0)
	c.site(t).unchanged(t, len(c.Hosts))
}
