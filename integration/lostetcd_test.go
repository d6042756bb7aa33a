//go:build integration

package integration

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pgrun/pgrun/integration/lab"
)

// TestLostEtcd loses all that etcd had, and one host's data with it. That host must not found an empty cluster under the old name;
// when the advice was followed it is a replica of the old one.
func TestLostEtcd(t *testing.T) {
	c := hosts(t, lab.Config{Name: "lostetcd", Hosts: []string{"db1", "db2", "db3"}})
	c.site(t).want(t, 0)
	c.whole(t, time.Minute)
	newest := c.leader(t)
	others := slices.DeleteFunc(c.Databases(), func(h *lab.Host) bool { return h.Name == newest.Name })
	empty := others[0]
	sql(t, newest, "create table kept as select 42 as n")
	id := systemID(t, newest)

	c.loseEtcd(t, append(others, newest))
	on(t, empty, "sh", "-c", "rm -r /var/lib/postgresql/*/*")

	// One host with data is enough to refuse: which of them is heard first is chance.
	r := c.site(t).want(t, gateRefused)
	r.says(t, "this host holds no data, ").says(t, " does (system identifier "+id+")").says(t, "systemctl start patroni")
	for _, h := range c.Databases() {
		if state := on(t, h, "systemctl", "show", "--property=ActiveState", "--value", "patroni.service"); state != "inactive" {
			t.Errorf("Patroni on %s is %s", h.Name, state)
		}
	}
	if t.Failed() {
		return
	}

	on(t, newest, "systemctl", "start", "patroni")
	if leader := c.leader(t); leader.Name != newest.Name {
		t.Fatalf("%s leads, and not %s", leader.Name, newest.Name)
	}
	c.settled(t, newest)
	c.site(t).want(t, 0)
	c.whole(t, time.Minute)
	for _, h := range c.Databases() {
		if got := sql(t, h, "select n from kept"); got != "42" {
			t.Errorf("%s has %q of the old data", h.Name, got)
		}
		if got := systemID(t, h); got != id {
			t.Errorf("%s has the system identifier %s, not %s", h.Name, got, id)
		}
	}
	if sql(t, empty, "select pg_is_in_recovery()") != "t" {
		t.Errorf("%s is no replica", empty.Name)
	}
	c.site(t).unchanged(t, len(c.Hosts))
}

// settled waits until a new leader has put its settings into etcd, which it does one loop after it took the lead: until then Patroni
// answers 502 to who asks for them.
func (c *cluster) settled(t *testing.T, leader *lab.Host) {
	t.Helper()
	eventually(t, time.Minute, func(ctx context.Context) error {
		out, err := leader.Exec(ctx, "runuser", "-u", "postgres", "--", "patronictl", "-c", "/etc/patroni/config.yml", "show-config")
		if err == nil && !strings.Contains(out, "ttl:") {
			err = fmt.Errorf("settings: %q", out)
		}
		return err
	})
}

func systemID(t *testing.T, h *lab.Host) string {
	t.Helper()
	return sql(t, h, "select system_identifier from pg_control_system()")
}

// loseEtcd stops Patroni in this order, and wipes etcd's data and pgrun's record of it.
func (c *cluster) loseEtcd(t *testing.T, order []*lab.Host) {
	t.Helper()
	for _, h := range order {
		on(t, h, "systemctl", "stop", "patroni")
	}
	for _, h := range order {
		on(t, h, "systemctl", "stop", "etcd")
		on(t, h, "sh", "-c", "rm -r /var/lib/etcd/* /var/lib/pgrun/etcd-*.json")
	}
}
