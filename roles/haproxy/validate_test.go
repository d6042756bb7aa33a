package haproxy_test

import (
	"strings"
	"testing"

	"github.com/pgrun/pgrun/roles/etcd"
	"github.com/pgrun/pgrun/runner"
)

func TestValidate(t *testing.T) {
	for _, c := range []struct {
		name, section, want string
	}{
		{"defaults", "", ""},
		{"ports left out", "replicas_port: 0\nsynchronous_port: 0\nasynchronous_port: 0", ""},
		{"two addresses", "bind: [10.0.0.101, 'fd00::1']", ""},
		{"no address", "bind: []", "problem: bind: is empty"},
		{"a name to bind", "bind: [lb1]", `problem: bind[0]: "lb1" is neither an IP address nor *`},
		{"a zone", "bind: ['fe80::1%eth0']", "problem: bind[0]:"},
		{"* and another", "bind: ['*', 10.0.0.1]", "problem: bind[0]: * is all addresses"},
		{"a line to bind", "bind: [\"*:80\\nlisten x\"]", "problem: bind[0]:"},
		{"no writes", "writes_port: 0", "problem: writes_port: 0 is no port"},
		{"a port too far", "replicas_port: 65536", "problem: replicas_port: 65536 is no port"},
		{"one port twice", "replicas_port: 5000", "problem: replicas_port: 5000 is writes_port already"},
		{"metrics for all", "metrics_networks: [10.0.0.0/8, '::/0']", "warning: metrics_networks[1]: ::/0 lets everybody"},
		{"a user with a space", "statistics_user: a b", "problem: statistics_user:"},
		{"a lag with a query", "max_lag: 1MB&tag_x=y", "problem: max_lag:"},
		{"a lag in MiB", "max_lag: 1MiB", "problem: max_lag:"},
		{"no limit to the lag", "max_lag: ''", ""},
		{"more clients than ports", "max_connections: 50001", "problem: max_connections: 50001 is out of range"},
		{"hardly any client", "max_connections: 1", "problem: max_connections: 1 is out of range"},
		{"no time", "idle_timeout: 0s", "problem: idle_timeout: 0s is out of range"},
		{"a version with an option", "version: '1 --force'", "problem: version:"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := strings.Join(cluster(c.section, "").Validate(t, "lb1", "haproxy").Lines(), "\n")
			if c.want == "" && got != "" || !strings.HasPrefix(got, c.want) {
				t.Errorf("reports %q, want %q", got, c.want)
			}
		})
	}
}

func TestPassword(t *testing.T) {
	for password, want := range map[string]string{
		"":     "problem: statistics_password: is missing",
		"a'b":  "problem: statistics_password: holds a single quote",
		"a\nb": "problem: statistics_password: holds a single quote or a control character",
		`a b\`: "",
	} {
		c := cluster("", "")
		c.Registry = registry(password)
		got := strings.Join(c.Validate(t, "lb1", "haproxy").Lines(), "\n")
		if want == "" && got != "" || !strings.HasPrefix(got, want) {
			t.Errorf("the password %q: reports %q, want %q", password, got, want)
		}
	}
}

func TestValidateLooksAtTheDatabases(t *testing.T) {
	for _, c := range []struct {
		name      string
		databases []string
		want      string
	}{
		{"none", nil, "warning: : the cluster main has no host in the group postgres"},
		{"two presets", []string{"rto: fast", "rto: safe"}, "problem: : db1 has rto fast and db2 has safe"},
		{"an unknown preset", []string{"rto: soon"}, `problem: : patroni's rto "soon"`},
	} {
		t.Run(c.name, func(t *testing.T) {
			got := strings.Join(cluster("", c.databases...).Validate(t, "lb1", "haproxy").Lines(), "\n")
			if !strings.HasPrefix(got, c.want) {
				t.Errorf("reports %q, want %q", got, c.want)
			}
		})
	}
}

func TestValidateLooksAtTheNeighbour(t *testing.T) {
	c := cluster("replicas_port: 2379\nsynchronous_port: 2380", "rest_port: 7000\npostgres_port: 5000")
	c.Registry = append(c.Registry, runner.Entry{Name: "etcd", New: etcd.New})
	c.Hosts[1].Groups = append(c.Hosts[1].Groups, "etcd")
	c.Hosts[1].Sections["haproxy"] = c.Hosts[0].Sections["haproxy"]
	got := strings.Join(c.Validate(t, "db1", "haproxy").Lines(), "\n")
	want := "problem: writes_port: 5000 is PostgreSQL's port on this host\n" +
		"problem: statistics_port: 7000 is the port of Patroni's REST API on this host\n" +
		"problem: replicas_port: 2379 is etcd's port on this host\n" +
		"problem: synchronous_port: 2380 is etcd's port on this host"
	if got != want {
		t.Errorf("reports %q, want %q", got, want)
	}
}
