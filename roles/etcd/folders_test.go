package etcd

import (
	"strings"
	"testing"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

func TestAFolderOfTheSystemIsNoDataFolder(t *testing.T) {
	for folder, refused := range map[string]bool{
		"/": true, "/etc": true, "/var": true, "/home": true, "/tmp": true, "/var/lib": true, "/data": false, "/var/lib/etcd/x": false, "/etcd": false,
	} {
		lines := strings.Join(inventory("data_dir: "+folder).Validate(t, "db1", Name).Lines(), "\n")
		if strings.Contains(lines, "problem: data_dir") != refused {
			t.Errorf("%s: %s", folder, lines)
		}
	}
}

func TestAFolderOfOthersIsNotGivenAway(t *testing.T) {
	h := bare("3.5.16-4")
	h.Put("/srv/shared/letter", "")
	_, err := inventory("data_dir: /srv/shared").Apply(t, "db1", Name, h, false)
	if !runner.IsRefused(err) || !strings.Contains(err.Error(), "/srv/shared on db1 belongs to root and is not empty") {
		t.Errorf("%v", err)
	}
	if stat, _ := h.Lstat(t.Context(), "/srv/shared"); stat.Owner != "root" {
		t.Errorf("it was given to %s", stat.Owner)
	}
}

// A mode by which everybody could say how etcd starts is taken back, though
// the content is right.
func TestModesAndOwnersAreRepaired(t *testing.T) {
	s := newSimulator("db1", "db2", "db3")
	h := asMember(t, s, "")
	if steps, err := inventory("").Apply(t, "db1", Name, h, false); err != nil {
		t.Fatalf("%v\n%s", err, steps)
	}
	places := map[string]modules.Attributes{
		configPath: modules.Root(0o644), dropIn: modules.Root(0o644), "/etc/etcd": modules.Root(0o755), dropInDir: modules.Root(0o755),
		"/var/lib/pgrun/etcd-orders.json": modules.Root(0o644),
		"/var/lib/etcd/orders":            {Owner: "etcd", Group: "etcd", Mode: 0o700},
		"/var/lib/etcd":                   {Owner: "etcd", Group: "etcd", Mode: 0o700},
	}
	for place := range places {
		if err := h.SetAttributes(t.Context(), place, modules.Attributes{Owner: "nobody", Group: "nogroup", Mode: 0o777}); err != nil {
			t.Fatal(err)
		}
	}
	steps, err := inventory("").Apply(t, "db1", Name, h, false)
	if err != nil {
		t.Fatalf("%v\n%s", err, steps)
	}
	for place, want := range places {
		stat, err := h.Lstat(t.Context(), place)
		if err != nil || stat.Owner != want.Owner || stat.Group != want.Group || stat.Mode.Perm() != want.Mode {
			t.Errorf("%s is %+v, %v", place, stat, err)
		}
	}
	if len(steps.Changed()) != len(places) {
		t.Errorf("the steps are\n%s", steps)
	}
}
