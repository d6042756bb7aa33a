package postgres_test

import (
	"io/fs"
	"slices"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/modules/fake"
	"github.com/pgrun/pgrun/runner"
)

func TestAFolderOfTheSystemIsNoDataFolder(t *testing.T) {
	for folder, refused := range map[string]bool{
		"/etc": true, "/usr": true, "/home": true, "/var": true, "/root": true, "/tmp": true, "/proc": true, "/var/lib": true, "/etc/pg": true,
		"/data": false, "/srv/pg": false, "/pg": false,
	} {
		lines := strings.Join(one("data_dir: "+folder).Validate(t, "db1", "postgres").Lines(), "\n")
		if strings.Contains(lines, "problem: data_dir") != refused {
			t.Errorf("%s: %s", folder, lines)
		}
	}
}

func TestAFolderOfOthersIsNotGivenAway(t *testing.T) {
	root := modules.Root(0o755)
	for name, c := range map[string]struct {
		folder  string
		put     func(m *fake.Host)
		refused string
		owner   string // of the folder afterwards
	}{
		"new":                    {"/pg", func(*fake.Host) {}, "", "postgres"},
		"empty":                  {"/pg", func(m *fake.Host) { m.PutDir("/pg", root) }, "", "postgres"},
		"a new disk":             {"/pg", func(m *fake.Host) { m.PutDir("/pg/lost+found", root) }, "", "postgres"},
		"pgrun's own, but owner": {"/pg", func(m *fake.Host) { m.PutDir("/pg/17", modules.Attributes{Owner: "postgres"}) }, "", "postgres"},
		"somebody's":             {"/pg", func(m *fake.Host) { m.Put("/pg/letter", "") }, "/pg on db1 belongs to root and is not empty", "root"},
		"postgres', with more":   {"/pg", func(m *fake.Host) { m.PutDir("/pg", modules.Attributes{Owner: "postgres"}); m.Put("/pg/x", "") }, "", "postgres"},
		"where data goes":        {"/srv/pg", func(m *fake.Host) { m.Put("/srv/pg/letter", "") }, "", "root"},
		"below a foreign one":    {"/srv/pg", func(m *fake.Host) { m.Put("/srv/pg/17/letter", "") }, "/srv/pg/17 on db1 belongs to root", "postgres"},
	} {
		m := bare()
		c.put(m)
		steps, err := one("data_dir: "+c.folder).Apply(t, "db1", "postgres", m, false)
		if runner.IsRefused(err) != (c.refused != "") || c.refused != "" && !strings.Contains(err.Error(), c.refused) || c.refused == "" && err != nil {
			t.Errorf("%s: %v\n%s", name, err, steps)
			continue
		}
		if stat, err := m.Lstat(t.Context(), c.folder); err != nil || stat.Owner != c.owner {
			t.Errorf("%s: %+v, %v", name, stat, err)
		}
		if steps, err := one("data_dir: "+c.folder).Apply(t, "db1", "postgres", m, false); err == nil && len(steps.Changed()) > 0 {
			t.Errorf("%s: the second run changes %q", name, steps.Changed())
		}
	}
}

func TestTheDataFolderIsRepaired(t *testing.T) {
	const data = "/var/lib/postgresql/17/orders"
	for name, c := range map[string]struct {
		mode, inner fs.FileMode
		owner       string
		want        fs.FileMode
		why         string
	}{
		"right":                   {0o700, 0o700, "postgres", 0o700, ""},
		"readable by its group":   {0o750, 0o700, "postgres", 0o750, ""},
		"open":                    {0o755, 0o700, "postgres", 0o700, "mode is 0755, not 0700"},
		"open, made for a group":  {0o755, 0o750, "postgres", 0o750, "mode is 0755, not 0750"},
		"closed, made for one":    {0o700, 0o750, "postgres", 0o700, ""},
		"root's":                  {0o700, 0o700, "root", 0o700, "owner is root, not postgres"},
		"not even for the owner":  {0o500, 0o700, "postgres", 0o700, "mode is 0500, not 0700"},
		"for the group, with set": {0o770, 0o700, "postgres", 0o700, "mode is 0770, not 0700"},
	} {
		m := bare()
		mine := modules.Attributes{Owner: "postgres", Group: "postgres"}
		m.PutDir("/var/lib/postgresql", modules.Attributes{Owner: "postgres", Group: "postgres", Mode: 0o755})
		m.PutDir("/var/lib/postgresql/17", modules.Attributes{Owner: "postgres", Group: "postgres", Mode: 0o755})
		m.PutDir(data, modules.Attributes{Owner: c.owner, Group: "postgres", Mode: c.mode})
		m.PutDir(data+"/base", modules.Attributes{Owner: "postgres", Group: "postgres", Mode: c.inner})
		m.Put(data+"/PG_VERSION", "17\n", mine)
		steps, err := one("").Apply(t, "db1", "postgres", m, false)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if stat, _ := m.Lstat(t.Context(), data); stat.Mode.Perm() != c.want || stat.Owner != "postgres" {
			t.Errorf("%s: it is %s of %s", name, stat.Mode, stat.Owner)
		}
		if said := slices.Contains(steps.Changed(), "directory "+data); said != (c.why != "") || !strings.Contains(steps.String(), c.why) {
			t.Errorf("%s: the steps are\n%s", name, steps)
		}
	}
}

// PostgreSQL does not start with files of another; pgrun cannot tell whose
// they are meant to be.
func TestDataOfAnotherUserIsRefused(t *testing.T) {
	m := bare()
	m.Put("/var/lib/postgresql/17/orders/PG_VERSION", "17\n", modules.Attributes{Owner: "bob"})
	if _, err := one("").Apply(t, "db1", "postgres", m, false); !runner.IsRefused(err) || !strings.Contains(err.Error(), "chown -R postgres:postgres") {
		t.Errorf("%v", err)
	}
}
