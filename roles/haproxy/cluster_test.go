package haproxy_test

import (
	"context"

	"github.com/pgrun/pgrun/config"
	group "github.com/pgrun/pgrun/roles/cluster"
	"github.com/pgrun/pgrun/roles/haproxy"
	"github.com/pgrun/pgrun/roles/published"
	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/roletest"
)

// publisher stands for the role patroni: it publishes what its section says.
type publisher struct {
	RESTPort     int    `yaml:"rest_port"`
	PostgresPort int    `yaml:"postgres_port"`
	RTO          string `yaml:"rto"`
}

func (p *publisher) Validate(*runner.View) {}

func (p *publisher) Apply(context.Context, *runner.Target) error { return nil }

func (p *publisher) Publish(v *runner.View) any {
	if !v.Host.In("postgres") {
		return nil
	}
	return published.Patroni{RESTPort: p.RESTPort, PostgresPort: p.PostgresPort, RTO: p.RTO}
}

func registry(password string) runner.Registry {
	return runner.Registry{
		{Name: "cluster", New: group.New},
		{Name: "patroni", New: func() runner.Role { return &publisher{RESTPort: 8008, PostgresPort: 5432, RTO: "norm"} }},
		{Name: "haproxy", New: func() runner.Role {
			role := haproxy.New().(*haproxy.Role)
			role.StatisticsPassword = config.NewSecret(password)
			return role
		}, Reads: []string{"cluster"}},
	}
}

// cluster is a balancer lb1 in front of as many databases as sections for
// patroni are given.
func cluster(section string, databases ...string) roletest.Cluster {
	c := roletest.Cluster{Registry: registry(password), Hosts: []roletest.Host{
		{Name: "lb1", Address: "10.0.0.101", Groups: []string{"balancers"}, Sections: map[string]string{
			"haproxy": section, "cluster": "networks: [10.1.0.0/16, 'fd00:1::/64']",
		}},
	}}
	for i, text := range databases {
		n := string(rune('1' + i))
		c.Hosts = append(c.Hosts, roletest.Host{
			Name: "db" + n, Address: "10.0.0." + n, Groups: []string{"postgres"},
			Sections: map[string]string{"patroni": text},
		})
	}
	return c
}

const password = `p w#"$x\`
