//go:build integration

package integration

import (
	"context"
	"math/rand/v2"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pgrun/pgrun/integration/lab"
)

// TestKilledController kills the controller at a random moment of a first deployment, ten times, each on fresh hosts: the next
// run converges. PGRUN_KILLS says how often otherwise.
func TestKilledController(t *testing.T) {
	times := 10
	if n, err := strconv.Atoi(os.Getenv("PGRUN_KILLS")); err == nil {
		times = n
	}
	whole := 40 * time.Second // about a first deployment; each that ends teaches better
	for i := range times {
		t.Run(strconv.Itoa(i+1), func(t *testing.T) { whole = killed(t, whole) })
	}
}

func killed(t *testing.T, whole time.Duration) time.Duration {
	c := hosts(t, lab.Config{Name: "killed"})
	moment := rand.N(whole)
	t.Logf("kill after %s", moment)
	p := begin(t.Context(), t, "site.yml", "-i", c.Inventory(), "--output", "json")
	select {
	case <-t.Context().Done():
	case <-time.After(moment): // the moment is the input of this test
	}
	if err := p.cmd.Process.Signal(syscall.SIGKILL); err != nil {
		t.Logf("it had ended already: %v", err)
	}
	p.end(t)

	r := c.afterLock(t).want(t, 0)
	c.whole(t, time.Minute)
	before := c.invocations(t)
	c.site(t).unchanged(t, len(c.Hosts))
	c.still(t, before)
	return max(whole, moment+r.took/2)
}

// afterLock runs as soon as the workers that lost their controller have ended their step and freed the lock.
func (c *cluster) afterLock(t *testing.T) (r result) {
	t.Helper()
	eventually(t, 3*time.Minute, func(context.Context) error {
		if r = c.site(t); r.code == locked {
			return errLocked
		}
		return nil
	})
	return r
}

// TestTwoRuns starts a second run while the first deploys: it is told who holds the hosts, at once, and the first goes on.
func TestTwoRuns(t *testing.T) {
	c := hosts(t, lab.Config{Name: "two", Hosts: []string{"db1"}})
	p := begin(t.Context(), t, "site.yml", "-i", c.Inventory(), "--output", "json")
	eventually(t, time.Minute, func(ctx context.Context) error {
		_, err := c.Hosts[0].Exec(ctx, "sh", "-c", "flock --nonblock --conflict-exit-code 9 /run/pgrun/lock true; test $? = 9")
		return err
	})
	r := c.site(t).want(t, locked)
	if r.took > 5*time.Second {
		t.Errorf("it took %s to say so", r.took)
	}
	if text := r.stdout + r.stderr; !strings.Contains(text, "lock") {
		t.Errorf("it does not say what is wrong:\n%s", text)
	}
	t.Logf("measured: a second run is refused after %.2f s", r.took.Seconds())
	p.end(t).want(t, 0)
}
