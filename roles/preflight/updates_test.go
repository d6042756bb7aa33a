package preflight

import (
	"strings"
	"testing"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/modules/fake"
)

// What pgrun holds gets no security update by itself: each run says so, and
// apt, which is slow, is asked once for each answer that it may give.
func TestVersionsOnOfferAreTold(t *testing.T) {
	asked := 0
	candidate := "3.5.16-5"
	h := good()
	h.Answer(func(modules.Command) (string, error) {
		asked++
		return "etcd-server:\n  Installed: 3.5.16-4\n  Candidate: " + candidate + "\n", nil
	}, "apt-cache", "policy", "etcd-server")
	run := func(check bool, want string, questions int) {
		t.Helper()
		asked = 0
		steps, err := inventory(trixie()).Apply(t, "db1", Name, h, check)
		if err != nil || len(steps.Changed()) > 0 {
			t.Fatalf("%v\n%s", err, steps)
		}
		if said := strings.Join(steps.Warnings(), "\n"); want == "" && said != "" || !strings.Contains(said, want) || asked != questions {
			t.Errorf("it warns of %q, and asks apt %d times, not %d", said, asked, questions)
		}
	}
	run(false, "", 0) // nothing is installed
	h.Install(fake.Package{Name: "etcd-server", Version: "3.5.16-4", Status: "install ok installed"}, fake.Package{Name: "dpkg", Version: "1"})
	run(false, "", 0) // nothing is held
	h.Install(fake.Package{Name: "etcd-server", Version: "3.5.16-4", Status: "hold ok installed"})
	const newer = "run rolling-upgrade.yml for etcd-server 3.5.16-4 -> 3.5.16-5"
	run(true, newer, 1)
	run(true, newer, 1) // a check leaves no record
	run(false, newer, 1)
	run(false, newer, 0)
	run(true, newer, 0)
	candidate = "3.5.16-4"
	h.PutDir("/var/lib/apt/lists", modules.Root(0o755)) // apt fetched lists
	run(false, "", 1)
	run(false, "", 0)
	h.Fail(100, "E: The package cache file is corrupted", "apt-cache", "policy")
	h.PutDir("/var/lib/apt/lists", modules.Root(0o755))
	run(false, "", 0) // that is no trouble of the cluster
}
