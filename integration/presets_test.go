//go:build integration

package integration

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pgrun/pgrun/integration/lab"
)

// How long writes may be out, by preset: a leader lost (ttl + loop_wait + primary_start_timeout's share, as the role's
// documentation promises), and a planned switchover.
const (
	lostNorm       = 41 * time.Second
	lostSafe       = 83 * time.Second
	lostWide       = 150 * time.Second
	switchoverNorm = 8 * time.Second
)

// TestPresets loses the leader under every preset but fast, in synchronous and quorum mode: what was acknowledged is there.
func TestPresets(t *testing.T) {
	c := hosts(t, lab.Config{Name: "presets"})
	for _, p := range []struct {
		rto, mode, standby string
		ttl                int
		bound              time.Duration
	}{
		{"norm", "on", "sync_standby", 30, lostNorm},
		{"safe", "quorum", "quorum_standby", 60, lostSafe},
		{"wide", "off", "replica", 120, lostWide},
	} {
		ok := t.Run(p.rto+", synchronous "+p.mode, func(t *testing.T) {
			overlay := c.overlay(t, fmt.Sprintf("patroni: {rto: %s, synchronous_mode: %q}", p.rto, p.mode))
			c.site(t, "-i", overlay).want(t, 0)
			c.standbys(t, p.standby)
			c.leases(t, p.ttl)
			c.loseLeader(t, p.rto, p.bound)
			c.standbys(t, p.standby)
			c.site(t, "-i", overlay).unchanged(t, len(c.Hosts))
			if p.rto == "norm" {
				c.handOver(t, overlay)
				c.restartInTurn(t, p.rto, p.mode)
			}
		})
		if !ok {
			return
		}
	}
}

// standbys waits until a replica has the role that the mode gives.
func (c *cluster) standbys(t *testing.T, role string) {
	t.Helper()
	members := c.whole(t, 2*time.Minute)
	eventually(t, time.Minute, func(ctx context.Context) (err error) {
		if members, err = c.Members(ctx); err == nil && !slices.ContainsFunc(members, func(m lab.Member) bool { return m.Role == role }) {
			err = fmt.Errorf("no %s among %+v", role, members)
		}
		return err
	})
}

// leases waits until the leader's key lives as long as the preset says: the leader takes up a new ttl within its loop.
func (c *cluster) leases(t *testing.T, ttl int) {
	t.Helper()
	h := c.leader(t)
	script := fmt.Sprintf(`export ETCDCTL_API=3 ETCDCTL_ENDPOINTS=http://%s:2379
lease=$(etcdctl get /service/%s/leader -w fields | sed -n 's/"Lease" : //p')
etcdctl lease timetolive $(printf '%%x' $lease)`, h.Address, c.Name)
	eventually(t, time.Minute, func(ctx context.Context) error {
		out, err := h.Exec(ctx, "sh", "-c", script)
		if err == nil && !strings.Contains(out, fmt.Sprintf("granted with TTL(%ds)", ttl)) {
			err = fmt.Errorf("want a ttl of %d s: %s", ttl, out)
		}
		return err
	})
}

// handOver moves the leader by an operator's own playbook.
func (c *cluster) handOver(t *testing.T, overlay string) {
	playbook := filepath.Join(t.TempDir(), "move.yml")
	write(t, playbook, "- {hosts: postgres, roles: [{role: patroni, action: switchover}]}\n")
	former := c.leader(t)
	w := c.write(t, "handover")
	r := pgrun(t, playbook, "-i", c.Inventory(), "-i", overlay, "--output", "json").want(t, 0)
	w.flows(t, 10*time.Second)
	w.end(t, "switchover, rto: norm, synchronous", switchoverNorm)
	if now := c.leader(t); now.Name == former.Name || !strings.Contains(r.stdout, "handed over to "+now.Name) {
		t.Errorf("%s led, and now %s:\n%s", former.Name, now.Name, last(r.stdout, 2000))
	}
	c.whole(t, time.Minute)
}

// restartInTurn changes a setting that needs a restart: also that of the standby for which commits wait holds up no client.
func (c *cluster) restartInTurn(t *testing.T, rto, mode string) {
	overlay := c.overlay(t, fmt.Sprintf("patroni: {rto: %s, synchronous_mode: %q}\npostgres: {parameters: {max_connections: 234}}", rto, mode))
	w := c.write(t, "sync_restarts")
	c.site(t, "-i", overlay).want(t, 0)
	w.flows(t, 10*time.Second)
	w.end(t, "max_connections changed, rto: norm, synchronous", switchoverNorm)
	c.whole(t, time.Minute)
}
