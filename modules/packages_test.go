package modules_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/modules/fake"
)

func apply(t *testing.T, h *fake.Host, m modules.Module) error {
	t.Helper()
	h.ClearLog()
	change := check(t, h, m)
	if change == nil {
		t.Fatalf("%s: nothing to do", m)
	}
	return change.Apply(context.Background(), h)
}

const aptOptions = "-y -q --no-install-recommends --no-remove -o Dpkg::Options::=--force-confdef " +
	"-o Dpkg::Options::=--force-confold -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300"

func TestPackagesInstallInOneCallWithoutStartingServices(t *testing.T) {
	h := fake.New()
	h.Offer(fake.Package{Name: "etcd-server", Version: "3.5.16-4"}, fake.Package{Name: "jq", Version: "1.7"})
	h.Install(fake.Package{Name: "jq", Version: "1.6", Status: "deinstall ok config-files"})
	if err := apply(t, h, modules.Packages{Names: []string{"etcd-server", "jq"}, Hold: true}); err != nil {
		t.Fatal(err)
	}
	want := lines(
		"write /usr/sbin/policy-rc.d root:root 0755",
		"  | #!/bin/sh",
		"  | # pgrun: no service starts while packages are installed.",
		"  | # This file is removed when the installation ends; a leftover may be deleted.",
		"  | exit 101",
		"exec apt-get install "+aptOptions+" -- etcd-server jq",
		"remove /usr/sbin/policy-rc.d",
		"exec apt-mark hold etcd-server jq",
	)
	if h.Log() != want {
		t.Errorf("got:\n%s\nwant:\n%s", h.Log(), want)
	}
}

func TestPackagesKeepAForeignPolicy(t *testing.T) {
	for _, fails := range []bool{false, true} {
		h := fake.New()
		h.Offer(fake.Package{Name: "jq", Version: "1.7"})
		h.Put("/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 0\n", modules.Attributes{Mode: 0o755})
		if fails {
			h.Fail(100, "E: unmet dependencies", "apt-get", "install")
		}
		if err := apply(t, h, modules.Packages{Names: []string{"jq"}}); (err != nil) != fails {
			t.Fatal(err)
		}
		if h.Content("/usr/sbin/policy-rc.d") != "#!/bin/sh\nexit 0\n" || h.Content("/usr/sbin/policy-rc.d.before-pgrun") != "" {
			t.Errorf("the policy is not restored:\n%s", h.Log())
		}
	}
}

func TestPackagesFetchListsOnlyWhenNeeded(t *testing.T) {
	for name, c := range map[string]struct {
		arrange func(h *fake.Host)
		updates int
	}{
		"fresh lists":    {func(h *fake.Host) { h.Offer(fake.Package{Name: "jq", Version: "1.7"}) }, 0},
		"no lists":       {func(h *fake.Host) { offerWithoutLists(h) }, 1},
		"no candidate":   {func(h *fake.Host) { h.Offer(fake.Package{Name: "other", Version: "1"}); appearAfterUpdate(h) }, 1},
		"a 404 of a deb": {func(h *fake.Host) { h.Offer(fake.Package{Name: "jq", Version: "1.7"}); fail404Once(h) }, 1},
	} {
		h := fake.New()
		c.arrange(h)
		if err := apply(t, h, modules.Packages{Names: []string{"jq"}}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if updates := strings.Count(h.Log(), "exec apt-get update"); updates != c.updates {
			t.Errorf("%s: lists were fetched %d times:\n%s", name, updates, h.Log())
		}
	}
}

func offerWithoutLists(h *fake.Host) {
	h.Offer(fake.Package{Name: "jq", Version: "1.7"})
	h.Delete("/var/lib/apt/lists/mirror_debian_dists_trixie_InRelease")
}

func appearAfterUpdate(h *fake.Host) {
	h.Answer(func(modules.Command) (string, error) {
		h.Offer(fake.Package{Name: "jq", Version: "1.7"})
		return "", nil
	}, "apt-get", "update")
}

func fail404Once(h *fake.Host) {
	calls := 0
	h.Answer(func(modules.Command) (string, error) {
		if calls++; calls == 1 {
			return "", fake.Exit(100, "E: Failed to fetch http://mirror/jq.deb  404  Not Found")
		}
		h.Install(fake.Package{Name: "jq", Version: "1.7"})
		return "", nil
	}, "apt-get", "install")
}

func TestPackagesWaitForTheLockOfTheLists(t *testing.T) {
	h := fake.New()
	calls := 0
	h.Answer(func(modules.Command) (string, error) {
		if calls++; calls == 1 {
			return "", fake.Exit(100, "E: Could not get lock /var/lib/apt/lists/lock. It is held by process 108 (apt-get)")
		}
		h.Offer(fake.Package{Name: "jq", Version: "1.7"})
		return "", nil
	}, "apt-get", "update")
	if err := apply(t, h, modules.Packages{Names: []string{"jq"}}); err != nil || calls != 2 {
		t.Errorf("%d calls, %v", calls, err)
	}
}

// apt-get update exits with 0 when a mirror does not answer, and touches its
// folders all the same.
func TestPackageListsBelieveOnlyWhatWasFetched(t *testing.T) {
	h := fake.New()
	h.Offer(fake.Package{Name: "jq", Version: "1.7"})
	h.PutDir("/var/lib/apt/lists/partial", modules.Attributes{})
	if err := apply(t, h, modules.PackageLists{}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(h.Log(), "-o APT::Update::Error-Mode=any") {
		t.Error(h.Log())
	}
}

// One source that is broken does not keep packages of the others away.
func TestPackagesInstallWhatTheListsThatCameKnow(t *testing.T) {
	h := fake.New()
	h.Answer(func(modules.Command) (string, error) {
		h.Offer(fake.Package{Name: "jq", Version: "1.7"})
		return "", fake.Exit(100, "E: Failed to fetch http://broken/InRelease")
	}, "apt-get", "update")
	if err := apply(t, h, modules.Packages{Names: []string{"jq"}}); err != nil {
		t.Error(err)
	}
}

func TestPackagesPlanAgainAfterNewLists(t *testing.T) {
	h := fake.New()
	offerWithoutLists(h)
	h.Install(fake.Package{Name: "jq", Version: "1.6"})
	h.Answer(func(modules.Command) (string, error) {
		h.Offer(fake.Package{Name: "jq", Version: "1.8"})
		return "", nil
	}, "apt-get", "update")
	m := modules.Packages{Names: []string{"jq"}, Latest: true}
	if err := apply(t, h, m); err != nil {
		t.Error(err)
	}
	if c := check(t, h, m); c != nil {
		t.Errorf("not the newest: %s", c.Summary)
	}
}

// A version that is asked for need not be apt's candidate.
func TestPackagesFetchedInAnOlderVersion(t *testing.T) {
	h := fake.New()
	h.Offer(fake.Package{Name: "jq", Version: "1.8"})
	m := modules.Packages{Names: []string{"jq"}, Versions: map[string]string{"jq": "1.7*"}, Fetch: true}
	h.Put("/var/cache/apt/archives/jq_1.8_amd64.deb", "")
	if check(t, h, m) == nil {
		t.Error("another version is taken for the one that was asked for")
	}
	h.Put("/var/cache/apt/archives/jq_1.7.1_amd64.deb", "")
	if c := check(t, h, m); c != nil {
		t.Errorf("it is there, but: %s", c.Summary)
	}
}

func TestPackagesDoNotBelieveAptAlone(t *testing.T) {
	h := fake.New()
	h.Offer(fake.Package{Name: "mail-transport-agent", Version: "1"})
	h.Answer(func(modules.Command) (string, error) {
		h.Install(fake.Package{Name: "exim4", Version: "4"})
		return "", nil
	}, "apt-get", "install")
	err := apply(t, h, modules.Packages{Names: []string{"mail-transport-agent"}})
	if err == nil || !strings.Contains(err.Error(), "mail-transport-agent is not installed") {
		t.Error(err)
	}
}

func TestPackagesSayWhoHoldsTheLock(t *testing.T) {
	h := fake.New()
	h.Offer(fake.Package{Name: "jq", Version: "1.7"})
	h.Put("/proc/locks", "1: FLOCK  ADVISORY  WRITE 77 00:2e:1 0 EOF\n2: POSIX  ADVISORY  WRITE 812 00:2e:1234 0 EOF\n")
	h.PutLink("/proc/812/fd/4", "/var/lib/dpkg/lock-frontend")
	h.Put("/proc/812/cmdline", "/usr/bin/python3\x00/usr/bin/unattended-upgrade\x00")
	err := apply(t, h, modules.Packages{Names: []string{"jq"}, LockWait: 10 * time.Millisecond})
	if err == nil || !strings.Contains(err.Error(), "pid 812 (/usr/bin/python3 /usr/bin/unattended-upgrade) holds /var/lib/dpkg/lock-frontend") {
		t.Error(err)
	}
	if h.Log() != "" {
		t.Errorf("it began all the same:\n%s", h.Log())
	}
}

func TestPackagesExplainWhatAptSays(t *testing.T) {
	h := fake.New()
	h.Offer(fake.Package{Name: "jq", Version: "1.7"})
	h.Fail(100, "E: Packages need to be removed but remove is disabled.", "apt-get", "install")
	err := apply(t, h, modules.Packages{Names: []string{"jq"}})
	var hint *modules.HintError
	var exit *modules.ExitError
	if !errors.As(err, &hint) || !errors.As(err, &exit) || exit.Code != 100 || exit.Argv[0] != "apt-get" || !strings.Contains(hint.Hint, "apt-get -s install") {
		t.Errorf("%v", err)
	}
}

func TestPackagesChangeHeldOnesOnlyAsAsked(t *testing.T) {
	h := fake.New()
	h.Offer(fake.Package{Name: "jq", Version: "1.7"})
	h.Install(fake.Package{Name: "jq", Version: "1.6", Status: "hold ok installed"})
	if c := check(t, h, modules.Packages{Names: []string{"jq"}, Hold: true}); c != nil {
		t.Errorf("any version was fine, but: %s", c.Summary)
	}
	m := modules.Packages{Names: []string{"jq"}, Hold: true, Latest: true}
	c := check(t, h, m)
	if string(c.Before) != "jq 1.6\n" || string(c.After) != "jq 1.7\n" {
		t.Errorf("%q, %q", c.Before, c.After)
	}
	if err := apply(t, h, m); err != nil || !strings.Contains(h.Log(), "--allow-change-held-packages") {
		t.Errorf("%v\n%s", err, h.Log())
	}
}

// A hold that pgrun did not ask for is an administrator's.
func TestPackagesLeaveForeignHolds(t *testing.T) {
	h := fake.New()
	h.Offer(fake.Package{Name: "jq", Version: "1.7"})
	h.Install(fake.Package{Name: "jq", Version: "1.6", Status: "hold ok installed"})
	_ = apply(t, h, modules.Packages{Names: []string{"jq"}, Latest: true})
	if strings.Contains(h.Log(), "--allow-change-held-packages") {
		t.Errorf("log:\n%s", h.Log())
	}
}

func TestInstalledPackagesPreferTheMachinesArchitecture(t *testing.T) {
	h := fake.New()
	h.Put("/var/lib/dpkg/status", "Package: dpkg\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1.22\n\n"+
		"Package: jq\nStatus: install ok installed\nArchitecture: i386\nVersion: 1.6\n\n"+
		"Package: etcd-server\nStatus: install ok installed\nArchitecture: i386\nVersion: 3.4\n\n"+
		"Package: etcd-server\nStatus: install ok installed\nArchitecture: amd64\nVersion: 3.5\n\n"+
		"Package: patroni\nStatus: install ok installed\nArchitecture: all\nVersion: 4.0\n")
	table, err := modules.InstalledPackages(context.Background(), h)
	if err != nil {
		t.Fatal(err)
	}
	for name, version := range map[string]string{"jq": "", "jq:i386": "1.6", "etcd-server": "3.5", "etcd-server:i386": "3.4", "patroni": "4.0"} {
		if table[name].Version != version {
			t.Errorf("%s: %+v", name, table[name])
		}
	}
}

func TestPackagesTakeNoOptions(t *testing.T) {
	for _, text := range hostile() {
		for _, m := range []modules.Packages{
			{Names: []string{text}},
			{Names: []string{"jq"}, Versions: map[string]string{"jq": text}},
		} {
			if c, err := m.Check(context.Background(), fake.New()); err == nil {
				t.Errorf("%q is taken: %s", text, c.Summary)
			}
		}
	}
}

func TestInstalledPackagesReadsTheJournal(t *testing.T) {
	h := fake.New()
	h.Put("/var/lib/dpkg/status", "Package: libc6\nStatus: install ok installed\nArchitecture: amd64\nVersion: 2.41\nDescription: x\n Package: no\n\n"+
		"Package: libc6\nStatus: install ok installed\nArchitecture: i386\nVersion: 2.40\n\nPackage: jq\nStatus: install ok installed\nVersion: 1.6\nArchitecture: amd64\n")
	h.Put("/var/lib/dpkg/updates/0001", "Package: jq\nStatus: install ok half-configured\nVersion: 1.7\nArchitecture: amd64\n")
	h.Put("/var/lib/dpkg/updates/tmp.i", "Package: jq\nVersion: 9\n")
	table, err := modules.InstalledPackages(context.Background(), h)
	if err != nil {
		t.Fatal(err)
	}
	for name, version := range map[string]string{"libc6": "2.41", "libc6:i386": "2.40", "jq": "1.7"} {
		if table[name].Version != version {
			t.Errorf("%s: %+v", name, table[name])
		}
	}
	if table["jq"].Installed() || !table["jq"].Interrupted() {
		t.Errorf("%+v", table["jq"])
	}
}
