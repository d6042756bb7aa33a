package etcd

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/modules/fake"
	"github.com/pgrun/pgrun/runner"
)

func TestRemove(t *testing.T) {
	const transfer, remove = "/v3/maintenance/transfer-leadership", "/v3/cluster/member/remove"
	for name, c := range map[string]struct {
		hosts   int // of the inventory
		host    string
		arrange func(*simulator)
		want    string // of the refusal
		calls   []string
	}{
		"it leads":                    {hosts: 3, host: "db3", calls: []string{transfer, remove}},
		"it is down":                  {hosts: 3, host: "db2", arrange: func(s *simulator) { s.member("db2").up = false }, calls: []string{remove}},
		"gone from the inventory":     {hosts: 2, host: "db3", arrange: func(s *simulator) { s.leader = 1 }, calls: []string{remove}},
		"gone for ever":               {hosts: 2, host: "db3", arrange: func(s *simulator) { s.leader, s.member("db3").up = 1, false }, calls: []string{remove}},
		"by its address":              {hosts: 2, host: "10.0.0.3", arrange: func(s *simulator) { s.leader = 1 }, calls: []string{remove}},
		"without a name":              {hosts: 3, host: "db2", arrange: func(s *simulator) { s.members[1].Name, s.members[1].ClientURLs, s.members[1].up = "", nil, false }, calls: []string{remove}},
		"it was removed":              {hosts: 3, host: "db2", arrange: func(s *simulator) { s.members = slices.Delete(s.members, 1, 2) }},
		"never was there":             {hosts: 3, host: "bd2"},
		"healthy, and another is not": {hosts: 3, host: "db3", arrange: func(s *simulator) { s.leader, s.member("db2").up = 1, false }, want: "too few are healthy for a quorum (db2"},
		"healthy, one of five is not": {hosts: 3, host: "db3", arrange: func(s *simulator) {
			s.members = append(s.members, &simulated{Listed: Listed{ID: 4, Name: "db4", PeerURLs: []string{"http://10.0.0.4:2380"}, ClientURLs: []string{"http://10.0.0.4:2379"}}})
		}, want: "db3 is not removed: it is healthy, and another is not (db4"},
		"no quorum":                 {hosts: 3, host: "db3", arrange: func(s *simulator) { s.member("db2").up, s.member("db3").up = false, false }, want: "removed only while there is a quorum"},
		"the only one":              {hosts: 2, host: "db1", arrange: func(s *simulator) { s.members, s.leader = s.members[:1], 1 }, want: "it is the only member"},
		"a stranger beside another": {hosts: 3, host: "old", arrange: func(s *simulator) { s.members[1] = old() }, calls: []string{remove}},
		"a stranger whose URL is a trap": {hosts: 3, host: "old", arrange: func(s *simulator) {
			s.members[1] = old()
			s.members[1].ClientURLs = []string{"http://169.254.169.254:80"}
		}, calls: []string{remove}},
	} {
		t.Run(name, func(t *testing.T) {
			s := threeHealthy("db1")
			if c.arrange != nil {
				c.arrange(s)
			}
			actor := "db1"
			if c.host == "db1" {
				actor = "db2"
			}
			h := bare("3.5.16-4")
			h.Handle("*", "http://*", func(r modules.Request) (*modules.Response, error) {
				if strings.Contains(r.URL, "169.254") {
					t.Errorf("asked %s", r.URL)
				}
				return s.serve(r)
			})
			in := inventory("")
			in.Hosts = append(in.Hosts[:c.hosts:c.hosts], in.Hosts[3:]...)
			in.Given = map[string]string{departs: c.host}
			remove := in.Action(t, actor, Name, "remove")
			o := in.Observer(t, actor, Name, h)
			if c.want != "" {
				target, _ := in.Target(t, actor, Name, h, false)
				for _, err := range []error{in.Action(t, actor, Name, "removable").Do(t.Context(), target), remove.Gate(t.Context(), o)} {
					if !runner.IsRefused(err) || !strings.Contains(err.Error(), c.want) {
						t.Errorf("%v, want %q", err, c.want)
					}
				}
				return
			}
			if err := remove.Gate(t.Context(), o); err != nil {
				t.Fatal(err)
			}
			why, err := remove.Due(t.Context(), o)
			if err != nil || (why != "") != (len(c.calls) > 0) {
				t.Fatalf("due: %q, %v", why, err)
			}
			target, steps := in.Target(t, actor, Name, h, false)
			if err := remove.Do(t.Context(), target); err != nil {
				t.Fatalf("%v\n%s", err, steps)
			}
			if !slices.Equal(s.calls, c.calls) {
				t.Errorf("it called %v, want %v\n%s", s.calls, c.calls, steps)
			}
			if why, err := remove.Due(t.Context(), o); err != nil || why != "" {
				t.Errorf("still due: %q, %v", why, err)
			}
			if err := remove.Gate(t.Context(), o); err != nil {
				t.Errorf("afterwards: %v", err)
			}
			if warned := fmt.Sprint(steps.Warnings()); len(c.calls) > 0 && len(s.members) == 2 && !strings.Contains(warned, "2 members now, of which 0 may fail") {
				t.Error(warned)
			}
		})
	}
}

// The host that goes never acts on the list itself.
func TestRemoveIsNotDueOnTheHostThatGoes(t *testing.T) {
	s := threeHealthy("db1")
	in := inventory("")
	in.Given = map[string]string{departs: "db1"}
	for host, machine := range map[string]*fake.Host{"db1": asMember(t, s, ""), "lb1": fake.New()} {
		if why, err := in.Action(t, host, Name, "remove").Due(t.Context(), in.Observer(t, host, Name, machine)); err != nil || why != "" {
			t.Errorf("%s: %q, %v", host, why, err)
		}
	}
}

// etcd is stopped for good on the host that goes, and its data stays; nothing
// happens elsewhere, nor to an etcd that is not the cluster's.
func TestLeave(t *testing.T) {
	for name, c := range map[string]struct {
		host, config string
		leaves       bool
	}{
		"it goes":                {"db1", "", true},
		"another goes":           {"db2", "", false},
		"another cluster's":      {"db1", "initial-cluster-token: prod\ndata-dir: /x\n", false},
		"somebody else's":        {"db1", "name: mine\n", false},
		"there is none any more": {"db1", "-", false},
	} {
		t.Run(name, func(t *testing.T) {
			s := threeHealthy("db1")
			h := asMember(t, s, "")
			s.members = s.members[1:] // the others took it off their list
			switch c.config {
			case "":
			case "-":
				h.Delete(configPath)
			default:
				h.Put(configPath, c.config)
			}
			in := inventory("")
			in.Given = map[string]string{departs: c.host}
			for turn := range 2 {
				target, steps := in.Target(t, "db1", Name, h, false)
				if err := in.Action(t, "db1", Name, "leave").Do(t.Context(), target); err != nil {
					t.Fatal(err)
				}
				if left := c.leaves && turn == 0; (len(steps.Changed()) > 0) != left || (len(steps.Reports()) > 0) != left {
					t.Errorf("turn %d: %v\n%s", turn, steps.Reports(), steps)
				}
			}
			u, err := h.Unit(t.Context(), unit)
			if err != nil || (u.ActiveState == "inactive" && u.UnitFileState == "disabled") != c.leaves {
				t.Errorf("%+v, %v", u, err)
			}
			if h.Content("/var/lib/etcd/orders/member/wal/0.wal") == "" {
				t.Error("its data is gone")
			}
		})
	}
}

// A member that is stopped while it counts is only missing.
func TestLeaveIsRefusedWhileOthersCountOnIt(t *testing.T) {
	for name, arrange := range map[string]func(*simulator){
		"still a member": func(*simulator) {},
		"nobody answers": func(s *simulator) {
			s.members = s.members[1:]
			s.member("db2").up, s.member("db3").up = false, false
		},
	} {
		s := threeHealthy("db1")
		h := asMember(t, s, "")
		arrange(s)
		in := inventory("")
		in.Given = map[string]string{departs: "db1"}
		target, steps := in.Target(t, "db1", Name, h, false)
		if err := in.Action(t, "db1", Name, "leave").Do(t.Context(), target); !runner.IsRefused(err) || len(steps.Changed()) > 0 {
			t.Errorf("%s: %v\n%s", name, err, steps)
		}
	}
}
