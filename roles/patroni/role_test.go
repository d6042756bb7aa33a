package patroni_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/config"
	"github.com/pgrun/pgrun/roles/cluster"
	"github.com/pgrun/pgrun/roles/etcd"
	"github.com/pgrun/pgrun/roles/haproxy"
	"github.com/pgrun/pgrun/roles/patroni"
	"github.com/pgrun/pgrun/roles/postgres"
	"github.com/pgrun/pgrun/roles/published"
	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/roletest"
)

func registry() runner.Registry {
	return runner.Registry{
		{Name: "cluster", New: cluster.New},
		{Name: "etcd", New: etcd.New},
		{Name: "postgres", New: postgres.New, Reads: []string{"cluster"}},
		{Name: "patroni", New: withPasswords, Reads: []string{"cluster", "postgres"}},
	}
}

func withPasswords() runner.Role {
	r := patroni.New().(*patroni.Role)
	r.SuperuserPassword = config.NewSecret("super: 'secret'")
	r.ReplicationPassword = config.NewSecret("repl # secret")
	r.RewindPassword = config.NewSecret(`rewind "secret"`)
	r.RestapiPassword = config.NewSecret("rest-secret")
	return r
}

func three(sections map[string]string) roletest.Cluster {
	c := roletest.Cluster{Name: "orders", Registry: registry()}
	for i, name := range []string{"db1", "db2", "db3"} {
		c.Hosts = append(c.Hosts, roletest.Host{
			Name: name, Address: []string{"10.0.0.11", "10.0.0.12", "10.0.0.13"}[i],
			Groups: []string{"etcd", "postgres"}, Sections: sections,
		})
	}
	c.Hosts = append(c.Hosts, roletest.Host{Name: "lb1", Address: "10.0.0.21", Groups: []string{"balancers"}, Sections: sections})
	return c
}

func TestValidate(t *testing.T) {
	for _, c := range []struct{ name, section, want string }{
		{"defaults", "", ""},
		{"preset", "rto: quick", `problem: rto: "quick" is no preset`},
		{"rule", "ttl: 20", "problem: ttl: loop_wait + 2 * retry_timeout = 5 + 2 * 10 = 25 s does not fit into ttl = 20 s"},
		{"mode", "synchronous_mode: strict", `problem: synchronous_mode: "strict" is no mode`},
		{"strict without mode", "{synchronous_mode: off, synchronous_mode_strict: true}", "problem: synchronous_mode_strict: has no meaning"},
		{"strict by default", "synchronous_mode_strict: true", ""},
		{"too many standbys", "{synchronous_mode: on, synchronous_node_count: 3}", "problem: synchronous_node_count: 3 standbys are asked for and the cluster has 2"},
		{"strict with all", "{synchronous_mode: on, synchronous_mode_strict: true, synchronous_node_count: 2}", "warning: synchronous_mode_strict: the loss of any standby stops all commits"},
		{"port", "rest_port: 5432", "problem: rest_port: 5432 is the port of PostgreSQL too"},
		{"tag", "tags: {replicatefrom: db9}", `problem: tags.replicatefrom: "db9" is no host`},
		{"own tag", "tags: {custom: {nosync: a}}", "problem: tags.custom.nosync: is a tag of Patroni's own"},
	} {
		lines := three(map[string]string{"patroni": c.section}).Validate(t, "db1", "patroni").Lines()
		got := strings.Join(lines, "\n")
		if c.want == "" && got != "" || !strings.HasPrefix(got, c.want) || len(lines) > 1 {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
	if got := three(map[string]string{"patroni": "rto: quick"}).Validate(t, "lb1", "patroni").Lines(); len(got) != 0 {
		t.Errorf("a balancer reports %q", got)
	}
}

func TestMissingPasswordsAreNamed(t *testing.T) {
	c := three(nil)
	c.Registry[3].New = patroni.New
	var keys []string
	for _, line := range c.Validate(t, "db1", "patroni").Lines() {
		keys = append(keys, strings.Split(line, ": ")[1])
		if !strings.Contains(line, "openssl rand") {
			t.Errorf("does not say how to make one: %s", line)
		}
	}
	if want := []string{"superuser_password", "replication_password", "rewind_password", "restapi_password"}; !slices.Equal(keys, want) {
		t.Errorf("got %q, want %q", keys, want)
	}
}

func TestNoEtcd(t *testing.T) {
	c := three(nil)
	for i := range c.Hosts {
		c.Hosts[i].Groups = slices.DeleteFunc(c.Hosts[i].Groups, func(g string) bool { return g == "etcd" })
	}
	if got := strings.Join(c.Validate(t, "db1", "patroni").Lines(), "\n"); !strings.Contains(got, "group etcd") {
		t.Errorf("got %q", got)
	}
}

func TestPublish(t *testing.T) {
	view, _ := three(map[string]string{"patroni": "{rto: fast, synchronous_mode: on}", "postgres": "port: 5433"}).View(t, "lb1", "patroni")
	for _, p := range view.Peers() {
		got, ok := published.PatroniOf(p)
		if ok != p.In("postgres") {
			t.Errorf("%s publishes %+v, %v", p.Name, got, ok)
		}
		got.Shared = published.Shared{}
		if want := (published.Patroni{RESTPort: 8008, PostgresPort: 5433, RTO: "fast", DataDir: "/var/lib/postgresql"}); ok && got != want {
			t.Errorf("%s publishes %+v", p.Name, got)
		}
	}
}

// What one host sets for all must not depend on who leads.
func TestMembersThatDifferAreReported(t *testing.T) {
	for _, c := range []struct{ role, section, want string }{
		{"patroni", "ttl: 60", "problem: : the timing"},
		{"postgres", "parameters: {shared_buffers: 1GB}", "problem: : postgres.parameters: differ from those of db1"},
		{"postgres", "roles: [{name: app}]", "problem: : postgres.roles"},
		{"postgres", "extensions: [pg_trgm]", "problem: : postgres.databases"},
		{"patroni", "{watchdog: off, tags: {nofailover: true}}", ""},
	} {
		cluster := three(nil)
		cluster.Hosts[1].Sections = map[string]string{c.role: c.section}
		lines := cluster.Validate(t, "db2", "patroni").Lines()
		if got := strings.Join(lines, "\n"); c.want == "" && got != "" || !strings.HasPrefix(got, c.want) || len(lines) > 1 {
			t.Errorf("%s: %q, want %q", c.section, got, c.want)
		}
		if lines := cluster.Validate(t, "db3", "patroni").Lines(); len(lines) > 0 {
			t.Errorf("%s: db3 reports %q", c.section, lines)
		}
	}
}

func TestWhereClientsWrite(t *testing.T) {
	c := three(nil)
	c.Registry = append(c.Registry, runner.Entry{Name: "haproxy", New: haproxy.New})
	view, _ := c.View(t, "db1", "patroni")
	if got := fmt.Sprint(patroni.Endpoints(view)); got != "[{lb1 10.0.0.21 5000}]" {
		t.Errorf("behind a balancer: %s", got)
	}
	c.Hosts = c.Hosts[:3]
	view, _ = c.View(t, "db1", "patroni")
	if got := fmt.Sprint(patroni.Endpoints(view)); got != "[{the members 10.0.0.11,10.0.0.12,10.0.0.13 5432,5432,5432}]" {
		t.Errorf("without one: %s", got)
	}
}
