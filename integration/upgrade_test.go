//go:build integration

package integration

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pgrun/pgrun/integration/lab"
)

// TestRollingUpgrade goes from an older point release to the newest while a client writes; on trixie from the etcd and the
// Patroni of bookworm too.
func TestRollingUpgrade(t *testing.T) {
	for _, release := range []string{"trixie", "bookworm"} {
		t.Run(release, func(t *testing.T) {
			rollingUpgrade(t, hosts(t, lab.Config{Name: "upgrade-" + release, Release: release, Older: true}))
		})
	}
}

func rollingUpgrade(t *testing.T, c *cluster) {
	c.site(t).want(t, 0)
	older := c.versions(t)
	timeline := lab.Leader(c.whole(t, time.Minute)).Timeline
	refusesUnlikeHosts(t, c)
	if err := c.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	pgrun(t, "rolling-upgrade.yml", "-i", c.Inventory(), "--check", "--output", "json").want(t, 7)
	stopsAtTheFirstBadHost(t, c)

	w := c.write(t, "upgrade")
	r := c.upgrade(t).want(t, 0)
	w.flows(t, 10*time.Second)
	w.end(t, "rolling upgrade, "+c.Release, switchover)
	reports(t, c, r)
	t.Logf("measured: rolling upgrade of %d hosts: %.1f s", len(c.Hosts), r.took.Seconds())

	after, newer := c.whole(t, time.Minute), c.versions(t)
	for what, version := range newer {
		if version == older[what] || older[what] == "" {
			t.Errorf("%s: %q runs, and before %q", what, version, older[what])
		}
	}
	t.Logf("measured: versions that run: %v, then %v", older, newer)
	if n := lab.Leader(after).Timeline - timeline; n != 1 {
		t.Errorf("the timeline went on by %d: one switchover was wanted", n)
	}
	before := c.invocations(t)
	c.upgrade(t).unchanged(t, len(c.Hosts))
	c.still(t, before)
	quorum(t, c, older)
	c.site(t).unchanged(t, len(c.Hosts))
}

// quorum is the mode that Patroni 4 has in place of what Patroni 3 could: the first site.yml after the upgrade says so, and
// changes nothing else.
func quorum(t *testing.T, c *cluster, older map[string]string) {
	t.Helper()
	if !strings.HasPrefix(older["db1 Patroni"], "3.") || c.Release == "bookworm" {
		return
	}
	r := c.site(t).want(t, 0)
	for _, e := range r.events {
		if e.Event == "step" && e.State == "changed" && e.Step == "settings of all members" && e.Why != "differ: synchronous_mode" {
			t.Errorf("the settings of all members: %s", e.Why)
		}
	}
	c.whole(t, time.Minute)
}

// refusesUnlikeHosts upgrades while one host's mirror is ahead: nothing happens, and the run says which host sees what.
func refusesUnlikeHosts(t *testing.T, c *cluster) {
	ahead := c.Databases()[0]
	if err := ahead.Publish(t.Context()); err != nil {
		t.Fatal(err)
	}
	first := "postgresql-" + c.Postgres()
	if c.Former() != "" {
		first = "etcd-server" // whose turn comes before
	}
	r := c.upgrade(t).want(t, gateRefused).says(t, "the hosts differ, so none of them acts: "+first)
	if changes := r.changes(); len(changes) > 0 {
		t.Errorf("changed:\n%s", strings.Join(changes, "\n"))
	}
}

// reports holds the report against the hosts: what each was upgraded to, one switchover, and how long writes were out.
func reports(t *testing.T, c *cluster, r result) {
	told := map[string]string{}
	longest := int64(0)
	for _, e := range r.events {
		if e.Event == "report" {
			told[e.Host], longest = e.Why, max(longest, e.MS)
		}
	}
	switchovers := 0
	for _, h := range c.Hosts {
		acted := slices.ContainsFunc(r.changes(), func(change string) bool { return strings.HasPrefix(change, h.Name+" ") })
		if strings.Contains(told[h.Name], " -> ") != acted {
			t.Errorf("%s reports %q, and whether it changed anything is %t", h.Name, told[h.Name], acted)
		}
		if strings.Contains(told[h.Name], "after a switchover to") {
			switchovers++
		}
	}
	gap := time.Duration(longest) * time.Millisecond
	t.Logf("measured: pgrun's own report of the longest gap: %.2f s; %v", gap.Seconds(), told)
	if switchovers != 1 || gap == 0 || gap > switchover {
		t.Errorf("%d switchovers, longest gap %s", switchovers, gap)
	}
}

// stopsAtTheFirstBadHost upgrades while one replica cannot take packages: the run ends there and says how to go on, the leader
// is not touched, and nothing is left drained.
func stopsAtTheFirstBadHost(t *testing.T, c *cluster) {
	leader := c.leader(t)
	var bad *lab.Host
	for _, h := range c.Databases() {
		if h.Name != leader.Name {
			bad = h
		}
	}
	const programs = "/usr/lib/postgresql"
	on(t, bad, "mount", "--bind", programs, programs)
	on(t, bad, "mount", "-o", "remount,bind,ro", programs)
	w := c.write(t, "stopped")
	r := c.upgrade(t).want(t, 2).says(t, "stopped at "+bad.Name)
	w.end(t, "rolling upgrade stopped", time.Second)
	for _, change := range r.changes() {
		if strings.HasPrefix(change, leader.Name+" patroni: ") && !strings.Contains(change, "packages") {
			t.Errorf("the leader was touched: %s", change)
		}
	}
	on(t, bad, "umount", programs)
	members := c.whole(t, time.Minute)
	if now := lab.Leader(members).Name; now != leader.Name {
		t.Errorf("%s led, and now %s", leader.Name, now)
	}
	for _, m := range members {
		if len(m.Tags) > 0 {
			t.Errorf("%s is left drained: %v", m.Name, m.Tags)
		}
	}
}

func (c *cluster) upgrade(t *testing.T) result {
	t.Helper()
	return pgrun(t, "rolling-upgrade.yml", "-i", c.Inventory(), "--output", "json")
}

// versions are those of the processes that run, whatever is on the disk. Those that have no newer one in the lab are not told.
func (c *cluster) versions(t *testing.T) map[string]string {
	t.Helper()
	running := map[string]string{}
	for _, h := range c.Databases() {
		running[h.Name+" PostgreSQL"], _, _ = strings.Cut(sql(t, h, "show server_version"), " ")
		if c.Former() == "" {
			continue
		}
		running[h.Name+" etcd"] = program(t, h, "etcd", "--version", `etcd Version: `)
		patroni, err := h.Patroni(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		running[h.Name+" Patroni"] = patroni
	}
	for _, h := range c.Balancers() {
		running[h.Name+" HAProxy"] = program(t, h, "haproxy", "-v", `.*version `)
	}
	return running
}

// program asks the program of the process, not of the disk: one that was replaced under it is not to be found.
func program(t *testing.T, h *lab.Host, unit, flag, before string) string {
	t.Helper()
	return on(t, h, "sh", "-c", `/proc/$(systemctl show --property=MainPID --value `+unit+`)/exe `+flag+` | sed -n 's/^`+before+`\([^ ]*\).*/\1/p'`)
}
