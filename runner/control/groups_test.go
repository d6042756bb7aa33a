package control

import (
	"context"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/config"
	"github.com/pgrun/pgrun/runner"
)

// A role with a group on other hosts would do nothing there, or what nobody
// means: a database server on the balancer.
func TestRolesStayInTheirGroup(t *testing.T) {
	l := newLab(t)
	grouped := func(o *Options) {
		o.Registry = l.registry()
		o.Registry[1].Group = "postgres"
	}
	const inv = threeHosts + "  children:\n    postgres: {hosts: {db1: {}, db2: {}}}\n"
	_, problems := l.run(inv, "- {hosts: all, roles: [thing]}\n", grouped)
	for _, part := range []string{"play.yml:1:", "the role thing runs on hosts of the group postgres only", "has db3", "write hosts: postgres"} {
		if !strings.Contains(problems, part) {
			t.Errorf("no %q in %q", part, problems)
		}
	}
	if len(l.log) > 0 {
		t.Errorf("a host was changed: %q", l.log)
	}
	if _, problems := l.run(inv, "- {hosts: postgres, roles: [thing]}\n", grouped); problems != "" {
		t.Errorf("within the group: %s", problems)
	}
}

type guarded struct {
	Password config.Secret `yaml:"password"`
}

func (*guarded) Validate(*runner.View) {}

func (*guarded) Apply(context.Context, *runner.Target) error { return nil }

func (g *guarded) ValidateSecrets(v *runner.View) {
	if len(g.Password.Reveal()) < 16 {
		v.Problem("password", "is too short")
	}
}

// What a secret holds is known at the end only; the problem has its place all
// the same, and no host was contacted.
func TestSecretsAreValidatedWithTheirPlace(t *testing.T) {
	l := newLab(t)
	t.Setenv("GOOD", "0123456789abcdef")
	t.Setenv("SHORT", "x")
	with := func(o *Options) { o.Registry[1].New = func() runner.Role { return &guarded{} } }
	const inv = "all:\n  hosts:\n    db1: {ansible_host: 10.0.0.1, thing: {password: !env GOOD}}\n    db2: {ansible_host: 10.0.0.2, thing: {password: !env SHORT}}\n"
	_, problems := l.run(inv, "- {hosts: all, roles: [thing]}\n", with)
	if !strings.Contains(problems, "inventory.yml:4:") || !strings.Contains(problems, "thing.password: is too short") || strings.Contains(problems, "inventory.yml:3:") {
		t.Errorf("problems: %s", problems)
	}
	if len(l.events) > 0 {
		t.Errorf("a host was contacted: %+v", l.events)
	}
}
