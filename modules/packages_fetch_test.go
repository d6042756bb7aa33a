package modules_test

import (
	"strings"
	"testing"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/modules/fake"
)

// What lies in a folder of the machine itself is not copied into apt's archive: it is there all the same.
func TestPackagesFetchFromAFolder(t *testing.T) {
	h := fake.New()
	h.Install(fake.Package{Name: "jq", Version: "1.6"})
	h.Offer(fake.Package{Name: "jq", Version: "1.7"})
	h.Answer(func(modules.Command) (string, error) { return "Get:1 file:/srv/debs ./ jq 1.7\n", nil }, "apt-get", "install")
	if err := apply(t, h, modules.Packages{Names: []string{"jq"}, Latest: true, Fetch: true}); err != nil {
		t.Error(err)
	}
	if !strings.Contains(h.Log(), "--download-only -- jq=1.7") {
		t.Errorf("apt was not asked for what else the package needs:\n%s", h.Log())
	}
}
