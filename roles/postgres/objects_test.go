package postgres

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/config"
	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/modules/fake"
	"github.com/pgrun/pgrun/runner"
)

func section(t *testing.T, text string) *Role {
	t.Helper()
	r := New().(*Role)
	if err := config.DecodeText(text, r); err != nil {
		t.Fatal(err)
	}
	return r
}

// What cannot go is refused before the first change, with what holds it.
func TestGoingIsRefused(t *testing.T) {
	const role, database = "roles: [{name: bob, state: absent}]", "databases: [{name: old, state: absent}]"
	for _, c := range []struct{ name, section, held, refused string }{
		{"nothing there", "{" + role + ", " + database + "}", "", ""},
		{"owns", role, `[{"role":"bob","database":"app","kind":"o","count":3},{"role":"bob","database":"","kind":"o","count":1}]`, "bob owns 3 objects in the database app; bob owns 1 objects that all databases share"},
		{"has privileges", role, `[{"role":"bob","database":"app","kind":"a","count":2}]`, "bob has privileges on 2 objects in the database app"},
		{"nothing held", role, `[]`, ""},
		{"the data was not named", database, "[]", "write drop_data: old too"},
		{"the data was named", "databases: [{name: old, state: absent, drop_data: old}]", "[]", ""},
	} {
		live := &liveCluster{Roles: map[string]*liveRole{"bob": {Name: "bob"}}, Databases: map[string]*liveDatabase{"old": {}}}
		if c.held == "" {
			live = &liveCluster{}
		}
		h := fake.New()
		h.Say(c.held, "/bin/psql")
		r := section(t, c.section)
		v, err := r.survey(Server{Bin: "/bin", Data: "/data"}, nil)
		if err != nil {
			t.Fatal(err)
		}
		err = r.refuseGoing(t.Context(), h, v, live)
		if runner.IsRefused(err) != (c.refused != "") || c.refused != "" && !strings.Contains(err.Error(), c.refused) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	live := &liveCluster{Roles: map[string]*liveRole{"bob": {Sessions: 2}}, Databases: map[string]*liveDatabase{"old": {Sessions: 1}}}
	for _, text := range []string{role, "databases: [{name: old, state: absent, drop_data: old}]"} {
		if err := section(t, text).refuseGoing(t.Context(), fake.New(), &survey{}, live); !runner.IsRefused(err) || !strings.Contains(err.Error(), "open sessions") {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestMissingRolesAreRefused(t *testing.T) {
	live := &liveCluster{Roles: map[string]*liveRole{"there": {}}}
	for text, want := range map[string]string{
		"databases: [{name: a, owner: there}, {name: b, owner: postgres}]": "",
		"{roles: [{name: x}], databases: [{name: a, owner: x}]}":           "",
		"databases: [{name: a, owner: nobody}]":                            "the database a is to belong to nobody",
		"roles: [{name: x, member_of: [pg_monitor, there]}]":               "",
		"roles: [{name: x, member_of: [nobody]}]":                          "the role x is to be a member of nobody",
	} {
		err := section(t, text).refuseMissing(live, Own(config.Secret{}, config.Secret{}, config.Secret{}))
		if runner.IsRefused(err) != (want != "") || want != "" && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestStrangers(t *testing.T) {
	live := &liveCluster{Others: []otherRole{{"evil", true}, {"old", false}}, More: 5}
	if got := strangers(live); !strings.HasPrefix(got, "roles that the inventory does not have: evil (superuser), old (login), and 3 more;") {
		t.Error(got)
	}
	if got := strangers(&liveCluster{}); got != "" {
		t.Error(got)
	}
}

func TestSettingsOfRolesAndDatabases(t *testing.T) {
	for _, c := range []struct {
		name  string
		scope scope
		live  map[string]string
		want  string
	}{
		{"as wanted", scope{role: "a", wanted: map[string]any{"TimeZone": "UTC", "jit": false}}, map[string]string{"timezone": "UTC", "jit": "off"}, ""},
		{"new", scope{role: "a", database: "d", wanted: map[string]any{"work_mem": "64MB"}}, nil, `ALTER ROLE :"role" IN DATABASE :"database" SET :"n0_0" TO :'v0_0';`},
		{"of an extension", scope{database: "d", wanted: map[string]any{"app.tenant": 5}}, nil, `ALTER DATABASE :"database" SET :"n0_0".:"n0_1" TO :'v0_0';`},
		{"a list", scope{role: "a", wanted: map[string]any{"search_path": `"$user", app`}}, map[string]string{"search_path": "app"}, `ALTER ROLE :"role" SET :"n0_0" TO :'v0_0', :'v0_1';`},
		{"the same list", scope{role: "a", wanted: map[string]any{"search_path": `"$user",app`}}, map[string]string{"search_path": `"$user", app`}, ""},
		{"not named any more", scope{role: "a", wanted: map[string]any{}}, map[string]string{`a.b; DROP`: "x"}, `ALTER ROLE :"role" RESET :"r0_0".:"r0_1";`},
	} {
		got, values := c.scope.plan(c.live)
		got = strings.TrimSpace(strings.TrimSuffix(strings.TrimPrefix(got, "BEGIN;\n"), "COMMIT;\n"))
		if got != c.want {
			t.Errorf("%s: %s %v", c.name, got, values)
		}
		if c.name == "a list" && (values["v0_0"] != "$user" || values["v0_1"] != "app") {
			t.Errorf("%s: %v", c.name, values)
		}
	}
}

// One question serves all steps until something changes.
func TestTheClusterIsReadOnceUntilItChanges(t *testing.T) {
	h, asked := fake.New(), 0
	h.Answer(func(modules.Command) (string, error) {
		asked++
		text, err := json.Marshal(map[string]any{"members": []map[string]string{{"group": "g", "member": "a"}, {"group": "other", "member": "a"}}})
		return string(text), err
	}, "/bin/psql")
	r := section(t, "roles: [{name: a, member_of: [g], member_of_exact: true}]")
	v, err := r.survey(Server{Bin: "/bin", Data: "/data"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	check := func(m modules.Module) *modules.Change {
		change, err := m.Check(t.Context(), h)
		if err != nil {
			t.Fatal(err)
		}
		return change
	}
	if check(membership(v, "a", "g")) != nil {
		t.Error("a is a member of g already")
	}
	change := check(r.Roles[0].noOthers(v))
	if change == nil || string(change.Before) != "a in other\n" || asked != 1 {
		t.Fatalf("asked %d times: %+v", asked, change)
	}
	if err := change.Apply(t.Context(), h); err != nil {
		t.Fatal(err)
	}
	if check(membership(v, "a", "new")) == nil || asked != 3 {
		t.Errorf("asked %d times, with the change", asked)
	}
	if log := fmt.Sprint(h.Log()); !strings.Contains(log, `REVOKE :"g1" FROM :"member"`) {
		t.Error(log)
	}
}

func TestTheEndOfAPassword(t *testing.T) {
	for _, c := range []struct {
		wanted string
		live   int64
		sql    bool
	}{{"", 1798761600, false}, {"2027-01-01", 1798761600, false}, {"2027-01-01", 0, true}, {"infinity", 1798761600, true}, {"2027-01-01T01:00:00+01:00", 1798761600, false}} {
		p := DatabaseRole{Name: "a", ValidUntil: c.wanted}.plan(&liveRole{Name: "a", Login: true, Limit: -1, Until: c.live})
		if strings.Contains(p.text, "VALID UNTIL :'until'") != c.sql || (p.summary != "") != c.sql {
			t.Errorf("%q over %d: %+v", c.wanted, c.live, p)
		}
	}
}
