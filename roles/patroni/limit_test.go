package patroni_test

import (
	"strings"
	"testing"

	"github.com/pgrun/pgrun/modules"
)

func TestLimitWithoutTheLeader(t *testing.T) {
	for _, c := range []struct {
		leftOut []string
		want    string
	}{
		{[]string{"db1"}, "db1 leads and is not in this run"},
		{[]string{"db3"}, ""},
		{nil, ""},
	} {
		m := newMachine(t, "db1")
		in := three(nil)
		in.LeftOut = c.leftOut
		target, steps := in.Target(t, "db2", "patroni", m, false)
		if err := in.Role(t, "db2", "patroni").Apply(t.Context(), target); err != nil {
			t.Fatalf("%v\n%s", err, steps)
		}
		got := strings.Join(steps.Warnings(), "\n")
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%v: %q, want %q", c.leftOut, got, c.want)
		}
	}
}

func TestLimitNamesWhoNeedsARestartToo(t *testing.T) {
	m := newMachine(t, "db1")
	in := three(nil)
	apply(t, in, "db2", m, false)
	in.LeftOut = []string{"db3"}
	m.Handle("GET", "http://10.0.0.13:8008/patroni", func(modules.Request) (*modules.Response, error) {
		return &modules.Response{Status: 200, Body: []byte(`{"state":"running","role":"replica","pending_restart":true}`)}, nil
	})
	m.Serve("POST", "http://10.0.0.12:8008/restart", 200, "")
	m.Answer(func(modules.Command) (string, error) { return "{}", nil }, "/usr/lib/postgresql/17/bin/psql")
	target, steps := in.Target(t, "db2", "patroni", m, false)
	if err := in.Action(t, "db2", "patroni", "restart").Do(t.Context(), target); err != nil {
		t.Fatalf("%v\n%s", err, steps)
	}
	if got := strings.Join(steps.Warnings(), "\n"); !strings.Contains(got, "PostgreSQL of db3 needs a restart too") {
		t.Error(got)
	}
}
