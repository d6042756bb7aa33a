package aptrepo

import (
	"strings"
	"testing"

	"github.com/pgrun/pgrun/modules/fake"
	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/roletest"
)

func TestGolden(t *testing.T) {
	for name, section := range map[string]string{
		"pgdg":         "",
		"distribution": "source: distribution",
		"mirror":       "{source: mirror, uris: [https://mirror.example.com/pgdg]}",
		"folder":       "{source: folder, path: /srv/packages/}",
	} {
		t.Run(name, func(t *testing.T) {
			h := fake.New()
			h.Put("/srv/packages/Packages", "")
			steps, err := inventory(section).Apply(t, "db1", Name, h, true)
			if err != nil {
				t.Fatalf("%v\n%s", err, steps)
			}
			roletest.Golden(t, name, steps.String())
		})
	}
}

func TestFolderWithoutAnIndexIsRefused(t *testing.T) {
	_, err := inventory("{source: folder, path: /srv}").Apply(t, "db1", Name, fake.New(), false)
	if !runner.IsRefused(err) || !strings.Contains(err.Error(), "dpkg-scanpackages") {
		t.Errorf("%v", err)
	}
}
