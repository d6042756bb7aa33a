package postgres

import (
	"strings"
	"testing"

	"github.com/pgrun/pgrun/config"
	"github.com/pgrun/pgrun/runner"
)

func TestRolePlan(t *testing.T) {
	stored, err := verifier("s3cret")
	if err != nil {
		t.Fatal(err)
	}
	plain := liveRole{Name: "app", Login: true, Limit: -1, Password: stored}
	super := plain
	super.Superuser = true
	other := plain
	other.Password = strings.Replace(stored, "$4096:", "$4095:", 1)
	both := super
	both.Password = other.Password
	app := DatabaseRole{Name: "app", Password: config.NewSecret("s3cret")}
	for _, c := range []struct {
		name    string
		role    DatabaseRole
		live    *liveRole
		summary string
		sql     []string
	}{
		{"as wanted", app, &plain, "", nil},
		{"not there", app, nil, "is not there", []string{"CREATE ROLE", "LOGIN NOSUPERUSER", "PASSWORD :'verifier'"}},
		{"group", DatabaseRole{Name: "g", NoLogin: true}, nil, "is not there", []string{"CREATE ROLE"}},
		{"too much", app, &super, "other attributes", []string{"NOSUPERUSER"}},
		{"password", app, &other, "another password", []string{"PASSWORD :'verifier'"}},
		{"both", app, &both, "other attributes, another password", []string{"NOSUPERUSER", "PASSWORD :'verifier'"}},
		{"no password given", DatabaseRole{Name: "app"}, &other, "", nil},
	} {
		p := c.role.plan(c.live)
		if p.summary != c.summary {
			t.Errorf("%s: summary is %q, want %q", c.name, p.summary, c.summary)
		}
		for _, part := range c.sql {
			if !strings.Contains(p.text, part) {
				t.Errorf("%s: no %s in\n%s", c.name, part, p.text)
			}
		}
		if strings.Contains(p.text+p.before+p.after, "s3cret") || strings.Contains(p.before+p.after, "SCRAM") {
			t.Errorf("%s: the plan shows a secret", c.name)
		}
	}
}

func TestDatabasePlan(t *testing.T) {
	live := &liveDatabase{Owner: "postgres", Encoding: "UTF8", Locale: "C.UTF-8"}
	for _, c := range []struct {
		name, summary, text string
		db                  Database
		live                *liveDatabase
		fails               bool
	}{
		{"not there", "is not there", `CREATE DATABASE :"name";`, Database{Name: "d"}, nil, false},
		{"with all", "is not there", `CREATE DATABASE :"name" OWNER :"owner" LOCALE :'locale' TEMPLATE template0;`, Database{Name: "d", Owner: "o", Locale: "C"}, nil, false},
		{"as wanted", "", "", Database{Name: "d", Encoding: "UTF8"}, &liveDatabase{Owner: "postgres", Encoding: "UTF8", SameEncoding: true}, false},
		{"owner", "another owner", `ALTER DATABASE :"name" OWNER TO :"owner";`, Database{Name: "d", Owner: "app"}, live, false},
		{"encoding", "", "", Database{Name: "d", Encoding: "LATIN1"}, live, true},
		{"encoding by another name", "", "", Database{Name: "d", Encoding: "utf-8"}, &liveDatabase{Owner: "postgres", Encoding: "UTF8", SameEncoding: true}, false},
	} {
		text, summary, err := c.db.plan(c.live)
		if strings.TrimSpace(text) != c.text || summary != c.summary || (err != nil) != c.fails {
			t.Errorf("%s: %q, %q, %v", c.name, text, summary, err)
		}
	}
}

func TestSettings(t *testing.T) {
	role := &Role{Parameters: map[string]any{"Work_Mem": "64MB", "jit": false, "max_connections": 300, "wal_compression": nil}}
	set, removed := role.Settings()
	for name, want := range map[string]string{"work_mem": "64MB", "jit": "off", "max_connections": "300", "wal_log_hints": "on"} {
		if set[name] != want {
			t.Errorf("%s is %q, want %q", name, set[name], want)
		}
	}
	if _, is := set["wal_compression"]; is || len(removed) != 1 || removed[0] != "wal_compression" {
		t.Errorf("wal_compression is still set; removed: %v", removed)
	}
}

func TestServerVersion(t *testing.T) {
	if n, err := ServerVersion("17.12-0+deb13u1"); err != nil || n != 170012 {
		t.Errorf("server version %d, %v", n, err)
	}
	if _, err := ServerVersion("17~beta1-1"); err == nil {
		t.Error("a beta has a server version")
	}
}

func TestForeignCluster(t *testing.T) {
	const conf = "data_directory = '/var/lib/postgresql/17/main/'\nport = 5433\t\t# comment\n"
	for _, c := range []struct {
		name          string
		running, boot bool
		port          int
		data          string
		refused       bool
	}{
		{"elsewhere", true, true, 5432, "/var/lib/postgresql/17/orders", false},
		{"same folder", false, false, 5432, "/var/lib/postgresql/17/main", true},
		{"same port", true, false, 5433, "/data/17/orders", true},
		{"same port after the next boot", false, true, 5433, "/data/17/orders", true},
		{"same port, never again", false, false, 5433, "/data/17/orders", false},
	} {
		f := foreign{version: "17", name: "main", conf: conf, running: c.running, boot: c.boot}
		if err := f.refused(c.port, c.data); runner.IsRefused(err) != c.refused {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestStartsAtBoot(t *testing.T) {
	for text, want := range map[string]bool{"": true, "# a comment\nauto # or not\n": true, "manual\n": false, "disabled\n": false} {
		if got := startsAtBoot(text); got != want {
			t.Errorf("%q: %v", text, got)
		}
	}
}
