//go:build integration

package integration

import (
	"fmt"
	"testing"
	"time"

	"github.com/pgrun/pgrun/integration/lab"
)

const (
	lost     = 30 * time.Second // leader lost, with rto: fast
	lostEtcd = 5 * time.Second  // more when etcd lost its leader with it
)

func leaderKilled(t *testing.T, c *cluster) { c.loseLeader(t, "failover", lost) }

// loseLeader lets the leader die without a word: somebody else takes writes within the bound, and it comes back as a replica.
func (c *cluster) loseLeader(t *testing.T, table string, bound time.Duration) {
	t.Helper()
	leader := c.leader(t)
	what := table + ": leader killed"
	if c.leadsEtcd(t, leader) {
		bound, what = bound+lostEtcd, what+", etcd's too"
	}
	w := c.write(t, table)
	if err := leader.Kill(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.flows(t, bound+10*time.Second)
	if err := c.Start(t.Context(), leader); err != nil {
		t.Fatal(err)
	}
	members := c.whole(t, 2*time.Minute)
	if lab.Leader(members).Name == leader.Name {
		t.Errorf("%s leads again: %+v", leader.Name, members)
	}
	w.end(t, what, bound)
}

// leadsEtcd asks the member itself: its metrics are read without a certificate or a password.
func (c *cluster) leadsEtcd(t *testing.T, h *lab.Host) bool {
	t.Helper()
	script := fmt.Sprintf("ETCDCTL_API=3 etcdctl --endpoints=http://%s:2379 endpoint status --write-out=fields | sed -n 's/\"\\(Leader\\|MemberID\\)\" : //p' | uniq | wc -l", h.Address)
	return on(t, h, "sh", "-c", script) == "1"
}
