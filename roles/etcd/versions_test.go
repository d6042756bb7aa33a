package etcd

import (
	"strings"
	"testing"

	"github.com/pgrun/pgrun/modules/fake"
	"github.com/pgrun/pgrun/runner"
)

func TestTooOld(t *testing.T) {
	for version, want := range map[string]bool{
		"": false, "3.3.25+dfsg-7": true, "2.3.8": true, "3.4.23-4+b4": false, "3.5.16-4": false, "3.10.0": false, "4.0": false,
	} {
		if got := tooOld(version); got != want {
			t.Errorf("%q is too old: %v", version, got)
		}
	}
}

func TestOldEtcdIsRefused(t *testing.T) {
	h := bare("3.3.25+dfsg-7")
	if _, err := inventory("").Apply(t, "db1", Name, h, false); !runner.IsRefused(err) || !strings.Contains(err.Error(), "3.3.25+dfsg-7 is too old") {
		t.Errorf("%v", err)
	}
}

// What an upgrade is refused before a package is fetched, and again before it
// is installed.
func TestUpgradeRefusesVersions(t *testing.T) {
	for name, c := range map[string]struct {
		installed, candidate, others string
		want                         string
	}{
		"a patch":                    {"3.5.16-4", "3.5.33-1.pgdg13+1", "3.5.16", ""},
		"a minor version":            {"3.4.23-4", "3.5.33-1", "3.4.23", ""},
		"the others are done":        {"3.4.23-4", "3.5.33-1", "3.5.33", ""},
		"two minor versions":         {"3.4.23-4", "3.6.4-1", "3.4.23", "one minor version at a time. Let apt_repo offer 3.5 first"},
		"the others are behind":      {"3.5.33-1", "3.6.4-1", "3.4.23", "cannot run beside 3.4.23 on db2"},
		"a 3.5 that is too old":      {"3.5.16-4", "3.6.4-1", "3.5.16", "Let apt_repo offer 3.5.26 or later first"},
		"from the last 3.5":          {"3.5.26-1", "3.6.4-1", "3.5.26", ""},
		"back":                       {"3.5.16-4", "3.4.23-4", "3.5.16", "apt offers 3.4.23-4 on db1, where 3.5.16-4 is installed, and etcd does not go back"},
		"back by a patch":            {"3.5.16-4", "1:3.5.9-1", "3.5.16", "etcd does not go back"},
		"back, while others stay":    {"3.5.16-4", "3.4.23-4", "3.4.23", "etcd does not go back"},
		"a major version":            {"3.6.4-1", "4.0.0-1", "3.6.4", "cannot run beside 3.6.4"},
		"a number that nobody reads": {"3.5.16-4", "git20261101", "3.5.16", ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := threeHealthy("db1")
			for _, m := range s.members {
				m.version = c.others
			}
			s.member("db1").version = strings.Split(c.installed, "-")[0]
			h := asMemberOf(t, s, "", c.installed)
			h.Offer(
				fake.Package{Name: "etcd-server", Version: c.candidate, Files: map[string]string{packageSums: "new\n"}},
				fake.Package{Name: "etcd-client", Version: c.candidate},
			)
			for _, action := range []string{"download", "upgrade"} {
				target, steps := inventory("").Target(t, "db1", Name, h, false)
				err := inventory("").Action(t, "db1", Name, action).Do(t.Context(), target)
				if c.want == "" && err != nil || c.want != "" && (!runner.IsRefused(err) || !strings.Contains(err.Error(), c.want)) {
					t.Errorf("%s: %v, want %q\n%s", action, err, c.want, steps)
				}
			}
			if went := strings.Contains(h.Log(), "job restart"); went != (c.want == "") {
				t.Errorf("restarted: %v\n%s", went, h.Log())
			}
		})
	}
}

// A version that somebody installed by hand is not let loose by a restart, and
// a member of one that does not fit is not brought in.
func TestInstalledVersionThatDoesNotFit(t *testing.T) {
	s := threeHealthy("db1")
	h := asMember(t, s, "")
	h.Install(fake.Package{Name: "etcd-server", Version: "3.7.1-1", Files: map[string]string{packageSums: "new\n"}})
	target, _ := inventory("").Target(t, "db1", Name, h, false)
	err := inventory("").Action(t, "db1", Name, "restart").Do(t.Context(), target)
	if !runner.IsRefused(err) || strings.Contains(h.Log(), "job restart") {
		t.Errorf("%v", err)
	}
	for version, want := range map[string]string{"3.7.1-1": "one minor version at a time", "3.4.23-4": "etcd does not go back. Let apt_repo offer 3.5 there"} {
		s := threeHealthy("db1")
		s.member("db1").up = false
		h := bare(version)
		s.on(h)
		target, _ := inventory("").Target(t, "db1", Name, h, false)
		err := inventory("").Action(t, "db1", Name, "replace").Do(t.Context(), target)
		if !runner.IsRefused(err) || !strings.Contains(err.Error(), want) || len(s.calls) > 0 {
			t.Errorf("%s: %v, %v", version, err, s.calls)
		}
	}
}
