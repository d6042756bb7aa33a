//go:build integration

package integration

import (
	"strings"
	"testing"
	"time"

	"github.com/pgrun/pgrun/integration/lab"
)

// TestCluster builds one cluster and walks through its life. Each step finds the cluster whole, and leaves it so.
func TestCluster(t *testing.T) {
	c := hosts(t, lab.Config{Name: "cluster"})
	steps := []struct {
		name string
		do   func(*testing.T, *cluster)
	}{
		{"first run", first},
		{"second run", second},
		{"check", check},
		{"far away", farAway},
		{"endpoints", endpoints},
		{"secrets", noSecretsLeft},
		{"hostile owner of a database", hostileOwner},
		{"modes and owners", modes},
		{"roles and databases come and go", objectsComeAndGo},
		{"dynamic setting", dynamicSetting},
		{"setting that needs a restart", restartSetting},
		{"etcd flag", etcdFlag},
		{"leader killed", leaderKilled},
		{"second run after all that", second},
	}
	for i, step := range steps {
		if !t.Run(step.name, func(t *testing.T) { step.do(t, c) }) && i == 0 {
			return // there is no cluster to go on with
		}
	}
}

func first(t *testing.T, c *cluster) {
	secrets := c.secrets(t)
	stop := eavesdrop(t, secrets)
	r := c.site(t, "--diff")
	if heard := stop(); len(heard) > 0 {
		t.Errorf("secrets in argv:\n%s", strings.Join(heard, "\n"))
	}
	r.want(t, 0).silent(t, secrets)
	c.whole(t, time.Minute)
	t.Logf("measured: from hosts without anything to a running cluster: %.1f s", r.took.Seconds())
}

func second(t *testing.T, c *cluster) {
	before := c.invocations(t)
	r := c.site(t).unchanged(t, len(c.Hosts))
	c.still(t, before)
	t.Logf("measured: second run, nothing to do: %.2f s", r.took.Seconds())
}

func check(t *testing.T, c *cluster) {
	r := c.site(t, "--check").want(t, 0)
	if !r.recap(t).Check {
		t.Error("the recap does not say that it was a check")
	}
}

// endpoints holds at once after a pushed run: the balancer begins when the members are there.
func endpoints(t *testing.T, c *cluster) {
	for port, want := range map[int]bool{5000: false, 5001: true} {
		standby, err := c.endpoint(t, port).Bool(t.Context(), "select pg_is_in_recovery()")
		if err != nil {
			t.Fatalf("port %d: %v", port, err)
		}
		if standby != want {
			t.Errorf("port %d: pg_is_in_recovery is %v", port, standby)
		}
	}
}

// A run that has nothing to do goes back and forth no more often than is allowed, however far the hosts are.
func farAway(t *testing.T, c *cluster) {
	n := c.trips(t)
	t.Logf("measured: round trips of a second run: %.1f (allowed %d)", n, tripsAllowed)
	if n > tripsAllowed {
		t.Errorf("%.1f round trips, allowed are %d", n, tripsAllowed)
	}
}
