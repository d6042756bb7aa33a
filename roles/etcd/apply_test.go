package etcd

import (
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/modules/fake"
	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/roletest"
)

// Three hosts without data, at the same moment and with nobody coordinating.
func TestThreeHostsFoundOneCluster(t *testing.T) {
	s := newSimulator("db1")
	s.leader = 0
	hosts := map[string]*fake.Host{}
	for _, m := range three() {
		hosts[m.Name] = bare("3.5.16-4")
	}
	var group sync.WaitGroup
	for name, h := range hosts {
		s.on(h)
		h.Handle("*", "http://127.0.0.1*", func(r modules.Request) (*modules.Response, error) {
			for _, m := range three() {
				if m.Name == name {
					r.URL = strings.Replace(r.URL, "http://127.0.0.1:2379", m.ClientURL, 1)
				}
			}
			return s.serve(r)
		})
		hear(h, hosts)
		s.join(h, name)
		group.Go(func() {
			steps, err := inventory("").Apply(t, name, Name, h, false)
			if err != nil {
				t.Errorf("%s: %v\n%s", name, err, steps)
			}
		})
	}
	group.Wait()
	for name, h := range hosts {
		config := h.Content(configPath)
		if !strings.Contains(config, `initial-cluster: "`+all+`"`) || !strings.Contains(config, "initial-cluster-state: new") {
			t.Errorf("%s:\n%s", name, config)
		}
		if got := h.Content("/var/lib/pgrun/etcd-orders.json"); got != `{"cluster_id":"c1","member":"`+name+"\"}\n" {
			t.Errorf("the record of %s is %q", name, got)
		}
		if got := h.Content("/run/pgrun/etcd-orders.start"); got != "" {
			t.Errorf("%s may still start without data", name)
		}
		steps, err := inventory("").Apply(t, name, Name, h, false)
		if err != nil || len(steps.Changed()) > 0 {
			t.Errorf("second run on %s: %v\n%s", name, err, steps)
		}
	}
}

func TestOneHostAloneRefuses(t *testing.T) {
	c := inventory("")
	c.Patience = 10 * time.Millisecond
	h := bare("3.5.16-4")
	_, err := c.Apply(t, "db1", Name, h, false)
	if !runner.IsRefused(err) {
		t.Fatalf("not refused: %v", err)
	}
	for _, want := range []string{"db2 did not say", "db3 did not say", "etcd.bootstrap_without"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("it does not say %q: %v", want, err)
		}
	}
	if u, _ := h.Unit(t.Context(), unit); u.ActiveState != "inactive" {
		t.Errorf("etcd is %s", u.ActiveState)
	}
}

func TestWithDataItStartsAndTouchesNothing(t *testing.T) {
	s := newSimulator("db1", "db2", "db3") // db1 knows of itself by its data
	s.member("db1").ClientURLs = []string{three()[0].ClientURL}
	h := bare("3.5.16-4")
	s.on(h)
	s.join(h, "db1")
	h.Put("/var/lib/etcd/orders/member/wal/0.wal", "log")
	h.Put(configPath, "initial-cluster: \"db1=http://10.0.0.1:2380\"\ninitial-cluster-state: new\n")
	steps, err := inventory("").Apply(t, "db1", Name, h, false)
	if err != nil {
		t.Fatalf("%v\n%s", err, steps)
	}
	if !strings.Contains(h.Content(configPath), `initial-cluster: "db1=http://10.0.0.1:2380"`) {
		t.Errorf("how it began was rewritten:\n%s", h.Content(configPath))
	}
	if len(s.calls) > 0 {
		t.Errorf("it changed the cluster: %v", s.calls)
	}
}

// A machine alone may come back under another address.
func TestLoneMemberThatMoved(t *testing.T) {
	s := threeHealthy("db1")
	s.members, s.leader = s.members[:1], 1
	s.members[0].PeerURLs = []string{"http://10.0.0.7:2380"}
	c := inventory("")
	c.Hosts = c.Hosts[:1]
	h := bare("3.5.16-4")
	h.Handle("*", "http://10.0.0.1*", func(r modules.Request) (*modules.Response, error) {
		r.URL = strings.Replace(r.URL, "10.0.0.1", "127.0.0.1", 1)
		return s.serve(r)
	})
	h.Put(walPath, wal(1, 0xc1))
	h.Put(configPath, strings.ReplaceAll(keptConfig, "10.0.0.1:", "10.0.0.7:"))
	for run, want := range [][]string{{"/v3/cluster/member/update"}, nil} {
		s.calls = nil
		if steps, err := c.Apply(t, "db1", Name, h, false); err != nil || !slices.Equal(s.calls, want) {
			t.Errorf("run %d: %v, it called %v\n%s", run, err, s.calls, steps)
		}
	}
	if got := s.members[0].PeerURLs[0]; got != "http://10.0.0.1:2380" {
		t.Errorf("etcd knows it at %s", got)
	}
}

func TestReplaceIsLeftToTheAction(t *testing.T) {
	s := newSimulator("db1", "db1", "db2", "db3")
	s.member("db1").up = false
	h := bare("3.5.16-4")
	s.on(h)
	steps, err := inventory("").Apply(t, "db1", Name, h, false)
	if err != nil || !strings.Contains(steps.String(), "skipped: start etcd (the cluster has a quorum and knows db1, but its data is gone: the action replace brings it in)") {
		t.Errorf("%v\n%s", err, steps)
	}
	if u, _ := h.Unit(t.Context(), unit); u.ActiveState != "inactive" {
		t.Errorf("etcd is %s", u.ActiveState)
	}
}

func TestForeignEtcdIsRefused(t *testing.T) {
	h := bare("3.5.16-4")
	h.Install(fake.Package{Name: "etcd-server", Version: "3.5.16-4", Units: []string{unit}, Users: []string{"etcd"}})
	h.SetUnit(modules.Unit{Name: unit, ActiveState: "active"})
	_, err := inventory("").Apply(t, "db1", Name, h, false)
	if !runner.IsRefused(err) || !strings.Contains(err.Error(), "not with the data in /var/lib/etcd/orders") {
		t.Errorf("%v", err)
	}
}

// An empty folder under a mount point is no lost data: neither Apply nor
// replace may take it for that.
func TestUnmountedDataIsRefused(t *testing.T) {
	c := inventory("data_dir: /data/etcd")
	s := threeHealthy("db1")
	s.member("db1").up = false
	h := bare("3.5.16-4")
	s.on(h)
	h.SetUnit(modules.Unit{Name: "data.mount", ActiveState: "failed"})
	_, err := c.Apply(t, "db1", Name, h, false)
	target, _ := c.Target(t, "db1", Name, h, false)
	for _, err := range []error{err, c.Action(t, "db1", Name, "replace").Do(t.Context(), target)} {
		if !runner.IsRefused(err) || !strings.Contains(err.Error(), "/data, which is not mounted (data.mount is failed)") {
			t.Errorf("%v", err)
		}
	}
	if len(s.calls) > 0 || h.Content(configPath) != "" {
		t.Errorf("it went on: %v\n%s", s.calls, h.Log())
	}
}

func TestBalancerIsLeftAlone(t *testing.T) {
	steps, err := inventory("").Apply(t, "lb1", Name, fake.New(), false)
	if err != nil || len(steps.List()) > 0 {
		t.Errorf("%v\n%s", err, steps)
	}
}

// What the role asks for on both releases, on an empty machine in check mode.
func TestGolden(t *testing.T) {
	for release, version := range map[string]string{"trixie": "3.5.16-4", "bookworm": "3.4.23-4+b4"} {
		for name, section := range map[string]string{
			"defaults": "",
			"all":      "{data_dir: /data/etcd, client_port: 12379, peer_port: 12380, heartbeat_interval: 300, election_timeout: 3000, compaction_retention: 24h, quota_mb: 2048, log_level: warn}",
		} {
			t.Run(release+" "+name, func(t *testing.T) {
				c := inventory(section)
				for i := range c.Hosts {
					c.Hosts[i].Facts = runner.Facts{OS: "debian", Codename: release}
				}
				steps, err := c.Apply(t, "db1", Name, bare(version), true)
				if err != nil {
					t.Fatalf("%v\n%s", err, steps)
				}
				roletest.Golden(t, release+"-"+name, steps.String())
			})
		}
	}
}
