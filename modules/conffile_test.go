package modules_test

import (
	"testing"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/modules/fake"
)

func TestPristine(t *testing.T) {
	const stock, path = "a = 1\n", "/etc/x/x.conf"
	for name, c := range map[string]struct {
		text string
		ours string
		want bool
	}{
		"as it came":        {stock, path, true},
		"changed":           {stock + "b = 2\n", path, false},
		"not the package's": {stock, "/etc/x/other.conf", false},
	} {
		h := fake.New()
		h.Install(
			fake.Package{Name: "w", Version: "1", Files: map[string]string{"/etc/w.conf": "w"}},
			fake.Package{Name: "x", Version: "1", Files: map[string]string{c.ours: stock}},
		)
		h.Put(path, c.text)
		if got, err := modules.Pristine(t.Context(), h, "x", path); err != nil || got != c.want {
			t.Errorf("%s: %v, %v", name, got, err)
		}
	}
	if got, err := modules.Pristine(t.Context(), fake.New(), "x", path); err != nil || got {
		t.Errorf("without the package: %v, %v", got, err)
	}
}
