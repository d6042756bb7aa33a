package patroni_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// The leader forgets a host that is gone: its key, once nobody renews it.
// Nobody else changes anything, and a second run neither.
func TestForget(t *testing.T) {
	for name, c := range map[string]struct {
		host    string
		arrange func(*store)
		want    string // of the refusal
		warned  bool
	}{
		"stopped, its key is gone": {host: "db1", warned: true},
		"killed, its key runs out": {host: "db1", arrange: func(s *store) { s.put(membersKey+"db3", "", s.grant("30")) }, warned: true},
		"a key that no lease ends": {host: "db1", arrange: func(s *store) { s.put(membersKey+"db3", "", "") }, warned: true},
		"it runs":                  {host: "db1", arrange: func(s *store) { s.put(membersKey+"db3", `{"role":"replica","state":"running"}`, s.grant("3600")) }, want: "Patroni runs on db3 and renews its key in etcd (replica, running)"},
		"another leads":            {host: "db2"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, m := newStore(), newMachine(t, "db1")
				s.serve(m)
				m.serve("db1")
				if c.arrange != nil {
					c.arrange(s)
				}
				in := three(nil)
				in.Given = map[string]string{"host": "db3"}
				for turn := range 2 {
					target, steps := in.Target(t, c.host, "patroni", m, false)
					err := in.Action(t, c.host, "patroni", "forget").Do(t.Context(), target)
					if c.want == "" && err != nil || c.want != "" && (!runner.IsRefused(err) || !strings.Contains(err.Error(), c.want)) {
						t.Errorf("%v, want %q", err, c.want)
					}
					if warned := strings.Contains(fmt.Sprint(steps.Warnings()), "db3 is out of the cluster and still in the inventory"); warned != c.warned {
						t.Errorf("warned: %q", steps.Warnings())
					}
					if turn == 1 && len(steps.Changed()) > 0 {
						t.Errorf("the second run changes %q", steps.Changed())
					}
				}
				if c.want == "" && s.get(membersKey+"db3") != "" {
					t.Errorf("its key is still there: %q", s.get(membersKey+"db3"))
				}
			})
		})
	}
}

// On the host that goes Patroni is stopped for good, after nobody counts on it
// any more; the data and other hosts are left alone.
func TestLeave(t *testing.T) {
	for name, c := range map[string]struct {
		goes, config string
		leaves       bool
	}{
		"it goes":           {goes: "db3", config: "scope: orders\nname: db3\npostgresql: {data_dir: /var/lib/postgresql/17/orders}\n", leaves: true},
		"another goes":      {goes: "db2", config: "scope: orders\nname: db3\n"},
		"another cluster's": {goes: "db3", config: "scope: prod\nname: db3\n"},
		"there is none":     {goes: "db3"},
	} {
		t.Run(name, func(t *testing.T) {
			s, m := newStore(), newMachine(t, "db1")
			s.serve(m)
			m.serve("db1")
			m.SetUnit(modules.Unit{Name: "patroni.service", LoadState: "loaded", ActiveState: "active", UnitFileState: "enabled"})
			if c.config != "" {
				m.Put("/etc/patroni/config.yml", c.config)
			}
			s.put(membersKey+"db3", "", s.grant("30"))
			tagged := false
			m.Handle("GET", "http://10.0.0.11:8008/cluster", func(modules.Request) (*modules.Response, error) {
				role, tags := "sync_standby", ""
				if strings.Contains(m.Log(), "job reload patroni.service") {
					tagged, role, tags = true, "replica", `,"tags":{"nofailover":true}`
				}
				return &modules.Response{Status: 200, Body: []byte(`{"members":[{"name":"db1","role":"leader","state":"running","timeline":1},{"name":"db3","state":"streaming","role":"` + role + `"` + tags + `}]}`)}, nil
			})
			in := three(nil)
			in.Given = map[string]string{"host": c.goes}
			action := in.Action(t, "db3", "patroni", "leave")
			why, err := action.Due(t.Context(), in.Observer(t, "db3", "patroni", m))
			if err != nil || (why != "") != c.leaves {
				t.Fatalf("due: %q, %v", why, err)
			}
			target, steps := in.Target(t, "db3", "patroni", m, false)
			if err := action.Do(t.Context(), target); err != nil {
				t.Fatalf("%v\n%s", err, steps)
			}
			u, err := m.Unit(t.Context(), "patroni.service")
			if left := err == nil && u.ActiveState == "inactive" && u.UnitFileState == "disabled"; left != c.leaves || tagged != c.leaves || (s.get(membersKey+"db3") == "") != c.leaves && c.leaves {
				t.Errorf("%+v, %v, tagged %v\n%s", u, err, tagged, steps)
			}
			if why, err := action.Due(t.Context(), in.Observer(t, "db3", "patroni", m)); err != nil || why != "" {
				t.Errorf("still due: %q, %v", why, err)
			}
		})
	}
}

func TestYield(t *testing.T) {
	m := newMachine(t, "db3")
	m.serve("db3")
	m.Answer(func(modules.Command) (string, error) { return "", nil }, "/usr/lib/postgresql/17/bin/psql")
	var asked string
	m.Handle("POST", "http://10.0.0.11:8008/switchover", func(r modules.Request) (*modules.Response, error) {
		asked = string(r.Body)
		m.serve("db1")
		return &modules.Response{Status: 200}, nil
	})
	in := three(nil)
	in.Given = map[string]string{"host": "db3"}
	action := in.Action(t, "db1", "patroni", "yield")
	for host, want := range map[string]bool{"db1": true, "db3": false} {
		if why, err := action.Due(t.Context(), in.Observer(t, host, "patroni", m)); err != nil || (why != "") != want {
			t.Errorf("%s: due %q, %v", host, why, err)
		}
	}
	target, steps := in.Target(t, "db1", "patroni", m, false)
	if err := action.Do(t.Context(), target); err != nil || asked != `{"candidate":"db1","leader":"db3"}` {
		t.Fatalf("%v: %s\n%s", err, asked, steps)
	}
	if why, err := action.Due(t.Context(), in.Observer(t, "db1", "patroni", m)); err != nil || why != "" {
		t.Errorf("still due: %q, %v", why, err)
	}
}
