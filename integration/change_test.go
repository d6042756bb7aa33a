//go:build integration

package integration

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pgrun/pgrun/integration/lab"
)

const switchover = 5 * time.Second // planned, with rto: fast

// A dynamic setting goes to the cluster in one request, and restarts nothing.
func dynamicSetting(t *testing.T, c *cluster) {
	before, members := c.invocations(t), c.whole(t, time.Minute)
	overlay := c.overlay(t, "patroni: {ttl: 24}")
	plan, r := c.announced(t, "-i", overlay)
	if len(plan) > 0 {
		t.Errorf("the check announces %q", plan)
	}
	var patches []string
	for _, change := range r.changes() {
		if strings.HasSuffix(change, "patroni: settings of all members") {
			patches = append(patches, change)
		}
	}
	if len(patches) != 1 {
		t.Errorf("want one host to change the settings of all members; got %d in:\n%s", len(patches), strings.Join(r.changes(), "\n"))
	}
	c.still(t, before)
	if after := c.whole(t, time.Minute); lab.Leader(after).Timeline != lab.Leader(members).Timeline {
		t.Errorf("the leader changed: %+v", after)
	}
	if config := on(t, c.Databases()[0], "runuser", "-u", "postgres", "--", "patronictl", "-c", "/etc/patroni/config.yml", "show-config"); !strings.Contains(config, "ttl: 24") {
		t.Errorf("the cluster's configuration has no ttl: 24:\n%s", config)
	}
	c.site(t, "-i", overlay).unchanged(t, len(c.Hosts))
	c.site(t).want(t, 0) // back to where the next step begins
}

// A setting that needs a restart takes it one host at a time, the leader last and only after handing over.
func restartSetting(t *testing.T, c *cluster) {
	former := c.leader(t)
	overlay := c.overlay(t, "postgres: {parameters: {max_connections: 234}}")
	w := c.write(t, "restarts")
	if plan, _ := c.announced(t, "-i", overlay); len(plan) != len(c.Databases()) || plan[len(plan)-1] != "patroni on "+former.Name {
		t.Errorf("the check announces %q", plan)
	}
	w.flows(t, 10*time.Second)
	w.end(t, "max_connections changed", switchover)
	c.whole(t, time.Minute)

	var times []string
	for _, h := range c.Databases() {
		if got := sql(t, h, "show max_connections"); got != "234" {
			t.Errorf("%s runs with max_connections %s", h.Name, got)
		}
		times = append(times, sql(t, h, "select extract(epoch from pg_postmaster_start_time())::numeric(20,3)")+" "+h.Name)
	}
	slices.Sort(times)
	if !strings.HasSuffix(times[len(times)-1], " "+former.Name) {
		t.Errorf("%s was the leader and should come last: %v", former.Name, times)
	}
	c.site(t, "-i", overlay).unchanged(t, len(c.Hosts))
}

// A flag of etcd restarts its members one at a time, and PostgreSQL does not notice.
func etcdFlag(t *testing.T, c *cluster) {
	members, before := c.whole(t, time.Minute), c.started(t, "etcd.service")
	overlay := c.overlay(t, "postgres: {parameters: {max_connections: 234}}\netcd: {quota_mb: 4096}")
	w := c.write(t, "etcd_flag")
	plan, r := c.announced(t, "-i", overlay)
	slices.Sort(plan)
	if want := []string{"etcd on db1", "etcd on db2", "etcd on db3"}; !slices.Equal(plan, want) {
		t.Errorf("the check announces %q, want %q", plan, want)
	}
	w.end(t, "etcd flag changed", 2*time.Second)

	after := c.started(t, "etcd.service")
	seen := map[string]bool{}
	for name, time := range after {
		if time == before[name] {
			t.Errorf("%s: etcd still runs with the old flag", name)
		}
		if seen[time] {
			t.Errorf("two members started at once: %v", after)
		}
		seen[time] = true
	}
	if now := c.whole(t, time.Minute); lab.Leader(now).Timeline != lab.Leader(members).Timeline {
		t.Errorf("a failover happened: %+v\n%s", now, strings.Join(r.changes(), "\n"))
	}
	c.site(t, "-i", overlay).unchanged(t, len(c.Hosts))
	c.site(t).want(t, 0)
	c.whole(t, time.Minute)
}
