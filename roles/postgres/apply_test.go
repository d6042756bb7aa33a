package postgres_test

import (
	"cmp"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/modules/fake"
	"github.com/pgrun/pgrun/roles/cluster"
	"github.com/pgrun/pgrun/roles/postgres"
	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/roletest"
)

func one(section string) roletest.Cluster {
	return roletest.Cluster{
		Name: "orders",
		Registry: runner.Registry{
			{Name: "cluster", New: cluster.New},
			{Name: "postgres", New: postgres.New, Reads: []string{"cluster"}},
		},
		Hosts: []roletest.Host{{
			Name: "db1", Address: "10.0.0.11", Groups: []string{"postgres"}, Sections: map[string]string{"postgres": section},
		}},
	}
}

func bare() *fake.Host {
	m := fake.New()
	m.Offer(
		fake.Package{Name: "postgresql-17", Version: "17.11-0+deb13u1", Users: []string{"postgres"}, Files: map[string]string{
			"/usr/lib/postgresql/17/lib/pg_stat_statements.so": "", "/usr/lib/postgresql/17/lib/auto_explain.so": "",
		}},
		fake.Package{Name: "postgresql-client-17", Version: "17.11-0+deb13u1"},
	)
	return m
}

// What is made in the folder under a mount point would hide when the disk
// comes, and fill the system's disk until then.
func TestUnmountedDataIsRefused(t *testing.T) {
	for _, c := range []struct {
		name, unit, automount, state string
		refused                      bool
	}{
		{"mounted", "data.mount", "", "active", false},
		{"not mounted", "data.mount", "", "inactive", true},
		{"mount failed", `data-pg\x2d1.mount`, "", "failed", true},
		{"the folder itself", `data-pg\x2d1-17-orders.mount`, "", "inactive", true},
		{"mounted when it is used", "data.mount", "data.automount", "inactive", false},
		{"another folder", "database.mount", "", "inactive", false},
		{"of a unit file", "data.mount", "", "inactive", true},
		{"of fstab", "data.mount", "", "inactive", true},
		{"once mounted by hand", "data.mount", "", "inactive", false},
	} {
		m := bare()
		fragment, source := where(c.name)
		m.SetUnit(modules.Unit{Name: c.unit, ActiveState: c.state, FragmentPath: fragment, SourcePath: source})
		if c.automount != "" {
			m.SetUnit(modules.Unit{Name: c.automount, ActiveState: "active"})
		}
		_, err := one("data_dir: /data/pg-1").Apply(t, "db1", "postgres", m, false)
		if runner.IsRefused(err) != c.refused || c.refused && !strings.Contains(err.Error(), "not mounted") || !c.refused && err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
		if named := cmp.Or(source, fragment); c.refused && !strings.Contains(err.Error(), named) {
			t.Errorf("%s: it does not name %s: %v", c.name, named, err)
		}
		if log := m.Log(); c.refused && log != "" {
			t.Errorf("%s: something was changed:\n%s", c.name, log)
		}
	}
}

// where is what systemd says of a mount unit's file and of where that is from.
func where(of string) (fragment, source string) {
	switch of {
	case "of a unit file":
		return "/etc/systemd/system/data.mount", ""
	case "once mounted by hand":
		return "", "/proc/self/mountinfo"
	}
	return "/run/systemd/generator/data.mount", "/etc/fstab"
}

// Without its library PostgreSQL does not start any more: on each host at its
// next restart.
func TestMissingLibrariesAreRefused(t *testing.T) {
	for _, c := range []struct{ libraries, missing string }{
		{"pg_stat_statements, \"auto_explain\"", ""},
		{"$libdir/auto_explain", ""},
		{"/usr/lib/postgresql/17/lib/auto_explain.so", ""},
		{"", ""},
		{"pg_stat_statements,pgaudit", "pgaudit"},
	} {
		m := bare()
		cluster := one("parameters: {shared_preload_libraries: '" + strings.ReplaceAll(c.libraries, "'", "''") + "'}")
		if steps, err := cluster.Apply(t, "db1", "postgres", m, true); err != nil {
			t.Errorf("check mode, %s: %v\n%s", c.libraries, err, steps)
		}
		_, err := cluster.Apply(t, "db1", "postgres", m, false)
		if runner.IsRefused(err) != (c.missing != "") || c.missing != "" && !strings.Contains(err.Error(), c.missing) {
			t.Errorf("%s: %v", c.libraries, err)
		}
	}
}
