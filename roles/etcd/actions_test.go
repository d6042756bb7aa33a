package etcd

import (
	"slices"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/modules/fake"
	"github.com/pgrun/pgrun/runner"
)

func threeHealthy(me string) *simulator { return newSimulator(me, "db1", "db2", "db3") }

func TestGate(t *testing.T) {
	for name, c := range map[string]struct {
		break_ func(*simulator)
		want   string
	}{
		"sound":           {func(*simulator) {}, ""},
		"one is down":     {func(s *simulator) { s.member("db2").up = false }, "db2 is not healthy: http://10.0.0.2:2379: connection refused"},
		"no quorum":       {func(s *simulator) { s.member("db2").up, s.member("db3").up = false, false }, "no leader"},
		"one lags":        {func(s *simulator) { s.member("db2").applied = 400 }, "db2 has applied entry 400 of the leader's 1000"},
		"a learner":       {func(s *simulator) { s.member("db2").Learner = true }, "db2 is still a learner"},
		"one is not ours": {func(s *simulator) { s.members[1] = old() }, "the inventory does not have it in the group etcd: it counts for the quorum. Bring it back into the inventory, or take it out of the cluster: `pgrun remove-node.yml -e host=old`"},
		"nobody leads":    {func(s *simulator) { s.leader = 0 }, "db1 knows no leader"},
		"one never began": {func(s *simulator) { s.member("db3").ClientURLs = nil }, "db3 is not healthy: never started"},
	} {
		t.Run(name, func(t *testing.T) {
			s := threeHealthy("db1")
			c.break_(s)
			h := fake.New()
			s.on(h)
			o := inventory("").Observer(t, "db1", Name, h)
			err := inventory("").Action(t, "db1", Name, "restart").Gate(t.Context(), o)
			if c.want == "" && err != nil || c.want != "" && (!runner.IsRefused(err) || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
}

func TestRankPutsTheLeaderLast(t *testing.T) {
	for name, want := range map[string]int{"db1": 0, "db2": 0, "db3": 1} {
		s := threeHealthy(name)
		h := fake.New()
		s.on(h)
		rank, err := inventory("").Action(t, name, Name, "restart").Rank(t.Context(), inventory("").Observer(t, name, Name, h))
		if err != nil || rank != want {
			t.Errorf("%s has rank %d, %v; want %d", name, rank, err, want)
		}
	}
}

func TestRestartIsDueAfterAChange(t *testing.T) {
	s := threeHealthy("db3") // the leader
	h := asMember(t, s, "")
	restart := inventory("").Action(t, "db3", Name, "restart")
	if why, err := restart.Due(t.Context(), inventory("").Observer(t, "db3", Name, h)); err != nil || why != "" {
		t.Fatalf("nothing changed, but it is due: %q, %v", why, err)
	}
	changed := inventory("log_level: warn")
	if steps, err := changed.Apply(t, "db3", Name, h, false); err != nil || slices.Contains(steps.Changed(), "service etcd.service") {
		t.Fatalf("%v\n%s", err, steps)
	}
	why, err := restart.Due(t.Context(), changed.Observer(t, "db3", Name, h))
	if err != nil || why != "/etc/etcd/etcd.yml changed since etcd started" {
		t.Fatalf("due: %q, %v", why, err)
	}
	target, steps := changed.Target(t, "db3", Name, h, false)
	if err := changed.Action(t, "db3", Name, "restart").Do(t.Context(), target); err != nil {
		t.Fatalf("%v\n%s", err, steps)
	}
	if s.leader == 3 || !slices.Contains(s.calls, "/v3/maintenance/transfer-leadership") {
		t.Errorf("it restarted while it led: %v\n%s", s.calls, steps)
	}
	if !strings.Contains(h.Log(), "job restart") {
		t.Errorf("no restart:\n%s", h.Log())
	}
	if why, err := restart.Due(t.Context(), changed.Observer(t, "db3", Name, h)); err != nil || why != "" {
		t.Errorf("still due: %q, %v", why, err)
	}
}

func TestUpgrade(t *testing.T) {
	s := threeHealthy("db1")
	h := asMember(t, s, "")
	h.Offer(
		fake.Package{Name: "etcd-server", Version: "3.5.33-1", Files: map[string]string{packageSums: "new\n"}},
		fake.Package{Name: "etcd-client", Version: "3.5.33-1"},
	)
	upgrade := inventory("").Action(t, "db1", Name, "upgrade")
	why, err := upgrade.Due(t.Context(), inventory("").Observer(t, "db1", Name, h))
	if err != nil || !strings.Contains(why, "etcd-server is 3.5.16-4, not 3.5.33-1") {
		t.Fatalf("due: %q, %v", why, err)
	}
	target, steps := inventory("").Target(t, "db1", Name, h, false)
	if err := upgrade.Do(t.Context(), target); err != nil {
		t.Fatalf("%v\n%s", err, steps)
	}
	if !strings.Contains(h.Log(), "job restart") {
		t.Errorf("the new version does not run:\n%s", h.Log())
	}
	if why, err := upgrade.Due(t.Context(), inventory("").Observer(t, "db1", Name, h)); err != nil || why != "" {
		t.Errorf("a second upgrade is due: %q, %v", why, err)
	}
}

// An installed etcd is what an upgrade finds.
func TestDownloadFetchesWhatTheUpgradeInstalls(t *testing.T) {
	h := asMember(t, threeHealthy("db1"), "")
	h.Offer(
		fake.Package{Name: "etcd-server", Version: "3.5.33-1"},
		fake.Package{Name: "etcd-client", Version: "3.5.33-1"},
	)
	target, steps := inventory("").Target(t, "db1", Name, h, false)
	if err := inventory("").Action(t, "db1", Name, "download").Do(t.Context(), target); err != nil {
		t.Fatalf("%v\n%s", err, steps)
	}
	for _, name := range []string{"etcd-server", "etcd-client"} {
		if _, err := h.Lstat(t.Context(), "/var/cache/apt/archives/"+modules.ArchiveName(name, "3.5.33-1", "amd64")); err != nil {
			t.Errorf("%v\n%s", err, steps)
		}
	}
}

func TestValidate(t *testing.T) {
	for section, want := range map[string]string{
		"":                                 "",
		"election_timeout: 400":            "problem: election_timeout: 400 ms is less than 5 heartbeats of 100 ms",
		"data_dir: var/lib":                "problem: data_dir:",
		"data_dir: /data/a b":              "problem: data_dir: \"/data/a b\" has a character",
		"peer_port: 2379":                  "problem: peer_port: is the client port too",
		"client_port: 70000":               "problem: client_port: 70000",
		"quota_mb: 1":                      "problem: quota_mb:",
		"log_level: loud":                  "problem: log_level:",
		"bootstrap_without: [db9]":         `problem: bootstrap_without[0]: "db9" is not a host`,
		"bootstrap_without: [db1,db2]":     "",
		"bootstrap_without: [db1,db2,db3]": "problem: bootstrap_without: names all members",
		"compaction_retention: 1s":         "problem: compaction_retention:",
	} {
		got := strings.Join(inventory(section).Validate(t, "db1", Name).Lines(), "\n")
		if want == "" && got != "" || !strings.HasPrefix(got, want) {
			t.Errorf("%q reports %q, want %q", section, got, want)
		}
	}
}

func TestNumberOfMembersIsWarnedOfOnce(t *testing.T) {
	two := inventory("")
	two.Hosts = two.Hosts[:2]
	one := inventory("")
	one.Hosts = one.Hosts[:1]
	if got := one.Validate(t, "db1", Name).Lines(); len(got) != 1 || !strings.Contains(got[0], "one etcd member") {
		t.Errorf("one member: %q", got)
	}
	if got := two.Validate(t, "db1", Name).Lines(); len(got) != 1 || !strings.Contains(got[0], "2 etcd members survive as many failures as 1") {
		t.Errorf("two members: %q", got)
	}
	if got := two.Validate(t, "db2", Name).Lines(); len(got) != 0 {
		t.Errorf("told twice: %q", got)
	}
}
