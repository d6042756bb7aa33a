//go:build integration

package integration

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/pgrun/pgrun/integration/lab"
)

// TestLocal starts pgrun --local on every host, as cloud-init does: in any order, with nobody pushing, one host a minute late.
func TestLocal(t *testing.T) {
	c := hosts(t, lab.Config{Name: "local"})
	order := rand.Perm(len(c.Hosts))
	t.Logf("order of boot: %v; the last one comes late", order)
	for _, h := range c.Hosts {
		c.carry(t, h)
	}
	var runs errgroup.Group
	begun := time.Now()
	for n, i := range order {
		delay := time.Duration(n) * time.Second
		if n == len(order)-1 {
			delay = time.Minute
		}
		runs.Go(func() error { return c.self(t, c.Hosts[i], delay) })
	}
	if err := runs.Wait(); err != nil {
		t.Fatal(err)
	}
	c.whole(t, time.Minute)
	t.Logf("measured: every host on its own, one 60 s late: cluster after %.1f s", time.Since(begun).Seconds())
	// A balancer that was there first sees a late replica when its checks do.
	eventually(t, 10*time.Second, func(ctx context.Context) error {
		standby, err := c.endpoint(t, 5001).Bool(ctx, "select pg_is_in_recovery()")
		if err == nil && !standby {
			err = errors.New("port 5001 still leads to the leader")
		}
		return err
	})
	endpoints(t, c)

	// The operator's machine finds nothing left to do, and neither does the next boot.
	before := c.invocations(t)
	c.site(t).unchanged(t, len(c.Hosts))
	for _, h := range c.Hosts {
		if err := c.self(t, h, 0); err != nil {
			t.Error(err)
		}
	}
	c.still(t, before)
}

// carry puts the binary and the inventory with its secrets on the host, at the same paths as here.
func (c *cluster) carry(t *testing.T, h *lab.Host) {
	t.Helper()
	if err := h.Copy(t.Context(), c.Dir, c.Dir); err != nil {
		t.Fatal(err)
	}
	path := binary(t)
	if err := h.Copy(t.Context(), filepath.Dir(path), "/opt/pgrun", filepath.Base(path)); err != nil {
		t.Fatal(err)
	}
}

// self lets the host configure itself.
func (c *cluster) self(t *testing.T, h *lab.Host, delay time.Duration) error {
	select {
	case <-t.Context().Done():
		return t.Context().Err()
	case <-time.After(delay): // the host boots late
	}
	out, err := h.Exec(t.Context(), "/opt/pgrun/"+filepath.Base(binary(t)), "site.yml", "-i", c.Inventory(), "--local")
	if err != nil {
		return fmt.Errorf("%s: %w\n%s", h.Name, err, last(out, 4000))
	}
	return nil
}
