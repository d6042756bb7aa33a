//go:build integration

package integration

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/pgrun/pgrun/integration/lab"
)

// drift is something that was changed past pgrun, or wrong from the start.
type drift struct {
	name string
	// do makes it; host is the leader or, with replica, one that follows.
	do      func(t *testing.T, c *cluster, h *lab.Host)
	replica bool
	vars    string // of the database hosts, beside the inventory
	code    int    // of the run
	fails   bool   // with any code but 0
	says    string // in a step that changed, a warning or a failure
	// ask asks what runs: want is the answer when the run is over.
	ask  func(t *testing.T, c *cluster, h *lab.Host) string
	want string
	undo func(t *testing.T, c *cluster, h *lab.Host)
}

// TestDrift does to one cluster what people do past pgrun, and asks the services what they run with after each run.
func TestDrift(t *testing.T) {
	c := hosts(t, lab.Config{Name: "drift"})
	c.site(t).want(t, 0)
	c.site(t).unchanged(t, len(c.Hosts))
	w := c.write(t, "drift")
	wrong := 0
	list := append(append(settingsPastPatroni(), filesPastPgrun()...), changedSettings()...)
	for _, d := range list {
		t.Run(d.name, func(t *testing.T) {
			if !d.run(t, c) {
				wrong++
			}
		})
	}
	w.end(t, "drift and its repair", switchover)
	t.Logf("measured: %d kinds of drift and of changes, %d runs that said 0 while something was wrong", len(list), wrong)
}

// run says whether the run told the truth.
func (d drift) run(t *testing.T, c *cluster) bool {
	h := c.leader(t)
	if d.replica {
		h = c.follower(t)
	}
	if d.do != nil {
		d.do(t, c, h)
	}
	args := []string{}
	if d.vars != "" {
		args = []string{"-i", c.overlay(t, d.vars)}
	}
	r := c.site(t, args...)
	if r.code != d.code && (!d.fails || r.code == 0) {
		t.Errorf("exit %d, want %d\n%s\n%s", r.code, d.code, last(r.stdout, 5000), last(r.stderr, 2000))
	}
	if !strings.Contains(r.stdout+r.stderr, d.says) {
		t.Errorf("the run does not say %q\n%s", d.says, last(r.stdout, 5000))
	}
	live := d.ask(t, c, h)
	truth := r.code != 0 || live == d.want
	if live != d.want {
		t.Errorf("runs with %q, want %q", live, d.want)
	}
	if r.code == 0 {
		c.site(t, args...).unchanged(t, len(c.Hosts))
	}
	if d.undo != nil {
		d.undo(t, c, h)
	}
	if d.vars != "" {
		c.site(t).want(t, 0)
	}
	return truth
}

// follower is a replica.
func (c *cluster) follower(t *testing.T) *lab.Host {
	t.Helper()
	leader := c.leader(t)
	for _, h := range c.Databases() {
		if h.Name != leader.Name {
			return h
		}
	}
	t.Fatal("no replica")
	return nil
}

func runs(name string) func(*testing.T, *cluster, *lab.Host) string {
	return func(t *testing.T, _ *cluster, h *lab.Host) string { return sql(t, h, "show "+name) }
}

func alter(statement string) func(*testing.T, *cluster, *lab.Host) {
	return func(t *testing.T, _ *cluster, h *lab.Host) {
		sql(t, h, "alter system "+statement)
		sql(t, h, "select pg_reload_conf()")
	}
}

func shell(script string) func(*testing.T, *cluster, *lab.Host) {
	return func(t *testing.T, _ *cluster, h *lab.Host) { on(t, h, "sh", "-c", script) }
}

func editConfig(args string) func(*testing.T, *cluster, *lab.Host) {
	return shell("runuser -u postgres -- patronictl -c /etc/patroni/config.yml edit-config --force " + args)
}

const (
	dataFolder = "$(runuser -u postgres -- psql -XAtqc 'show data_directory')"
	serverLoad = " && runuser -u postgres -- psql -XAtqc 'select pg_reload_conf()'"
)

// settingsPastPatroni are what pg_settings alone shows.
func settingsPastPatroni() []drift {
	return []drift{
		{name: "ALTER SYSTEM of a setting of the inventory", do: alter("set wal_compression = off"),
			says: "taken back: wal_compression", ask: runs("wal_compression"), want: "lz4"},
		{name: "ALTER SYSTEM on a replica", replica: true, do: alter("set effective_cache_size = '8MB'"),
			says: "taken back: effective_cache_size", ask: setting("effective_cache_size", "8MB"), want: "other"},
		{name: "ALTER SYSTEM of another setting", do: alter("set fsync = off"),
			says: "fsync = off in postgresql.auto.conf, which the inventory does not describe", ask: runs("fsync"), want: "off", undo: alter("reset fsync")},
		{name: "ALTER SYSTEM, unmanaged: remove", do: alter("set fsync = off"), vars: "patroni: {unmanaged: remove}",
			says: "taken back: fsync = off", ask: runs("fsync"), want: "on"},
		{name: "postgresql.conf by hand", replica: true, do: shell("echo 'fsync = off' >> " + dataFolder + "/postgresql.conf" + serverLoad),
			vars: "patroni: {unmanaged: remove}", says: "fsync = off in postgresql.conf", ask: runs("fsync"), want: "on"},
		{name: "postgresql.conf by hand, a setting of the inventory", do: shell("echo \"wal_compression = 'off'\" >> " + dataFolder + "/postgresql.conf" + serverLoad),
			says: "wal_compression is off, and shall be lz4", ask: runs("wal_compression"), want: "lz4"},
		{name: "edit-config of a setting of the inventory", do: editConfig("-p wal_compression=off"),
			says: "differ: postgresql.parameters.wal_compression", ask: runs("wal_compression"), want: "lz4"},
		{name: "edit-config of another setting", do: editConfig("-p autovacuum=off"),
			says: "the settings in etcd have postgresql.parameters.autovacuum", ask: runs("autovacuum"), want: "off",
			undo: editConfig("-p autovacuum=null")},
	}
}

// setting tells only whether a setting has a value.
func setting(name, value string) func(*testing.T, *cluster, *lab.Host) string {
	return func(t *testing.T, _ *cluster, h *lab.Host) string {
		if now := sql(t, h, "show "+name); now == value {
			return now
		}
		return "other"
	}
}

// filesPastPgrun are edited, loaded by hand, and so run.
func filesPastPgrun() []drift {
	trusting := func(t *testing.T, _ *cluster, h *lab.Host) string {
		return sql(t, h, "select count(*) from pg_hba_file_rules where auth_method = 'trust'")
	}
	nofailover := func(t *testing.T, c *cluster, h *lab.Host) string {
		for _, m := range c.whole(t, time.Minute) {
			if m.Name == h.Name && m.Tags["nofailover"] == true {
				return "nofailover"
			}
		}
		return ""
	}
	slim := func(t *testing.T, c *cluster, _ *lab.Host) string {
		return on(t, c.Balancers()[0], "sh", "-c",
			"pid=$(systemctl show -P MainPID haproxy); grep -c 'maxconn 99$' /etc/haproxy/haproxy.cfg; ps -o etimes= -p $(pgrep -P $pid -n haproxy) | awk '{print ($1 < 60)}'")
	}
	return []drift{
		{name: "pg_hba.conf by hand", do: shell("echo 'host all all 0.0.0.0/0 trust' >> " + dataFolder + "/pg_hba.conf" + serverLoad),
			says: "pg_hba.conf is not what the inventory says", ask: trusting, want: "0"},
		{name: "config.yml by hand, and reloaded", replica: true,
			do: func(t *testing.T, c *cluster, h *lab.Host) {
				on(t, h, "sh", "-c", "printf 'tags:\\n    nofailover: true\\n' >> /etc/patroni/config.yml && systemctl reload patroni")
				eventuallySays(t, "nofailover", func() string { return nofailover(t, c, h) })
			},
			says: "file /etc/patroni/config.yml", want: "",
			ask: func(t *testing.T, c *cluster, h *lab.Host) string { // etcd has it when Patroni has been round its loop
				eventuallySays(t, "", func() string { return nofailover(t, c, h) })
				return ""
			}},
		{name: "haproxy.cfg by hand, and reloaded",
			do: func(t *testing.T, c *cluster, _ *lab.Host) {
				on(t, c.Balancers()[0], "sh", "-c", "sed -i '0,/maxconn .*/s//maxconn 99/' /etc/haproxy/haproxy.cfg && systemctl reload haproxy")
			},
			says: "file /etc/haproxy/haproxy.cfg", ask: slim, want: "0\n1"},
	}
}

func eventuallySays(t *testing.T, want string, ask func() string) {
	t.Helper()
	eventually(t, 30*time.Second, func(context.Context) error {
		if got := ask(); got != want {
			return fmt.Errorf("%q, want %q", got, want)
		}
		return nil
	})
}

// changedSettings are changes of the inventory.
func changedSettings() []drift {
	return []drift{
		{name: "a setting comes into the inventory and leaves it", vars: "postgres: {parameters: {work_mem: 24MB}}",
			says: "postgresql.parameters.work_mem", ask: runs("work_mem"), want: "24MB"},
		{name: "it has left", ask: runs("work_mem"), want: "4MB"},
		{name: "a value that is none", vars: "postgres: {parameters: {maintenance_work_mem: 1PB}}", fails: true,
			says: "maintenance_work_mem", ask: setting("maintenance_work_mem", "1PB"), want: "other"},
		{name: "another port", vars: "postgres: {port: 5433}", code: gateRefused,
			says: "listens on port 5432, and postgres.port is 5433", ask: runs("port"), want: "5432"},
		{name: "a setting that needs a restart", vars: "postgres: {parameters: {shared_buffers: 160MB}}",
			says: "shared_buffers", ask: runs("shared_buffers"), want: "160MB"},
		{name: "a paused cluster", vars: "postgres: {parameters: {work_mem: 24MB}}",
			do:   shell("runuser -u postgres -- patronictl -c /etc/patroni/config.yml pause --wait"),
			says: "Patroni is paused", ask: runs("work_mem"), want: "24MB",
			undo: shell("runuser -u postgres -- patronictl -c /etc/patroni/config.yml resume --wait")},
	}
}
