package preflight

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/modules/fake"
	"github.com/pgrun/pgrun/roles/etcd"
	"github.com/pgrun/pgrun/roles/haproxy"
	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/roletest"
)

const roomy = 50_000_000_000

// disk lets df say that all lies on one disk with so many bytes free of 100 GB.
func disk(h *fake.Host, free int64) {
	h.Answer(func(c modules.Command) (string, error) { return df(c, free, "/"), nil }, "df")
}

// df prints a line for each folder that it is asked of.
func df(c modules.Command, free int64, mount string) string {
	text := "    1B-blocks        Avail Mounted on\n"
	for range c.Argv[3:] {
		text += fmt.Sprintf("100000000000 %d %s\n", free, mount)
	}
	return text
}

func inventory(facts runner.Facts) roletest.Cluster {
	return roletest.Cluster{
		Registry: runner.Registry{{Name: Name, New: New}, {Name: etcd.Name, New: etcd.New}, {Name: haproxy.Name, New: haproxy.New}},
		Hosts:    []roletest.Host{{Name: "db1", Address: "10.0.0.1", Groups: []string{"etcd"}, Facts: facts, Sections: map[string]string{}}},
	}
}

func good() *fake.Host {
	h := fake.New()
	h.Put("/proc/1/comm", "systemd\n")
	h.Put("/proc/net/tcp", "")
	h.Say("C\nC.utf8\nPOSIX\n", "locale", "-a")
	disk(h, roomy)
	h.Say("yes\n", "timedatectl")
	return h
}

func trixie() runner.Facts {
	return runner.Facts{OS: "debian", Version: "13", Codename: "trixie", Memory: 4 << 30, Addresses: []netip.Addr{netip.MustParseAddr("10.0.0.1")}}
}

func TestAGoodHostPassesUnchanged(t *testing.T) {
	for _, check := range []bool{false, true} {
		steps, err := inventory(trixie()).Apply(t, "db1", Name, good(), check)
		if err != nil || len(steps.Changed()) > 0 {
			t.Errorf("check %v: %v\n%s", check, err, steps)
		}
	}
}

func TestRefusalsNameEverything(t *testing.T) {
	facts := runner.Facts{OS: "debian", Version: "11", Memory: 256 << 20, Addresses: []netip.Addr{netip.MustParseAddr("10.0.0.7")}}
	h := good()
	h.Put("/proc/1/comm", "init\n")
	h.Say("C\nPOSIX\n", "locale", "-a")
	disk(h, 1_000_000)
	steps, err := inventory(facts).Apply(t, "db1", Name, h, false)
	if !runner.IsRefused(err) {
		t.Fatalf("%v\n%s", err, steps)
	}
	for _, want := range []string{
		"db1 is debian 11", "process 1 is init", "db1 is at 10.0.0.1, but it has 10.0.0.7", "C.UTF-8",
		"256 MiB of memory", "/ on db1 has 0 MiB free",
	} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("it does not say %q: %v", want, err)
		}
	}
}

func TestForeignProcessOnAPort(t *testing.T) {
	// 0x094B is 2379; the socket has the inode 4711.
	table := "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n" +
		"   0: 0100000A:094B 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1\n" +
		"   1: 0100000A:0016 0100000A:D2F0 01 00000000:00000000 00:00000000 00000000     0        0 4712 1\n"
	h := good()
	h.Put("/proc/net/tcp", table)
	h.Put("/proc/812/comm", "nginx\n")
	h.PutLink("/proc/812/fd/7", "socket:[4711]")
	_, err := inventory(trixie()).Apply(t, "db1", Name, h, false)
	if !runner.IsRefused(err) || !strings.Contains(err.Error(), "port 2379, which etcd needs, is taken by nginx (pid 812)") {
		t.Errorf("%v", err)
	}
	h.SetUnit(modules.Unit{Name: "etcd.service", LoadState: "loaded", ActiveState: "active"})
	if _, err := inventory(trixie()).Apply(t, "db1", Name, h, false); err != nil {
		t.Errorf("our own etcd has the port: %v", err)
	}
}

func TestForeignProcessOnABalancersPort(t *testing.T) {
	h := good() // 0x1388 is 5000
	h.Put("/proc/net/tcp", "   0: 0100007F:1388 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4711 1\n")
	c := inventory(trixie())
	c.Hosts[0].Groups = []string{"balancers"}
	_, err := c.Apply(t, "db1", Name, h, false)
	if !runner.IsRefused(err) || !strings.Contains(err.Error(), "port 5000, which haproxy needs, is taken by another process") {
		t.Errorf("%v", err)
	}
}

// A host that serves must stay within reach of site.yml, which may be what
// mends it; but on a full disk nothing can be mended, and nothing is well.
func TestAFullDiskIsSaidOnARunningHost(t *testing.T) {
	const little, none = 1 << 30, 100 << 20
	with := func(free int64, installed ...string) *fake.Host {
		h := good()
		disk(h, free)
		for _, name := range installed {
			h.Install(fake.Package{Name: name, Version: "3.5"})
		}
		return h
	}
	if _, err := inventory(trixie()).Apply(t, "db1", Name, with(little), false); !runner.IsRefused(err) {
		t.Errorf("a new host with little room: %v", err)
	}
	steps, err := inventory(trixie()).Apply(t, "db1", Name, with(little, "etcd-server"), false)
	if err != nil || !strings.Contains(steps.String(), "skipped: enough disk space (/ on db1 has 1024 MiB free") {
		t.Errorf("a running host with little room: %v\n%s", err, steps)
	}
	if said := strings.Join(steps.Warnings(), "\n"); !strings.Contains(said, "make room before it is full") {
		t.Errorf("it warns of %q", said)
	}
	_, err = inventory(trixie()).Apply(t, "db1", Name, with(none, "etcd-server"), true)
	if !runner.IsRefused(err) || !strings.Contains(err.Error(), "/ on db1 has 100 MiB free, so it is full") || !strings.Contains(err.Error(), "pg_replication_slots") {
		t.Errorf("a running host with a full disk: %v", err)
	}
	c := inventory(trixie())
	c.Hosts[0].Sections[Name] = "min_disk_mb: 50"
	if _, err := c.Apply(t, "db1", Name, with(none, "etcd-server"), false); err != nil {
		t.Errorf("a small disk by the inventory's word: %v", err)
	}
	c = inventory(trixie())
	c.Hosts[0].Groups = []string{"etcd", "balancers"}
	if _, err := c.Apply(t, "db1", Name, with(little, "etcd-server"), false); !runner.IsRefused(err) {
		t.Errorf("a running host that becomes a balancer: %v", err)
	}
}

// The disk is named with what lies on it.
func TestAFullDataDiskIsNamed(t *testing.T) {
	h := good()
	h.PutDir("/data", modules.Attributes{})
	h.Install(fake.Package{Name: "etcd-server", Version: "3.5"})
	h.Answer(func(c modules.Command) (string, error) {
		return "size avail target\n9000000000 5000000000 /\n9000000000 5000000000 /\n9000000000 0 /data\n", nil
	}, "df")
	c := inventory(trixie())
	c.Hosts[0].Sections["etcd"] = "data_dir: /data/etcd/main"
	_, err := c.Apply(t, "db1", Name, h, false)
	if !runner.IsRefused(err) || !strings.Contains(err.Error(), "/data (which holds /data/etcd/main) on db1 has 0 MiB free") || strings.Contains(err.Error(), "/ on db1") {
		t.Errorf("%v", err)
	}
}

func TestAClockThatIsNotSynchronisedIsWarnedOf(t *testing.T) {
	for answer, want := range map[string]int{"yes\n": 0, "no\n": 1} {
		for container, want := range map[bool]int{false: want, true: 0} {
			h, facts := good(), trixie()
			h.Say(answer, "timedatectl")
			facts.Container = container
			steps, err := inventory(facts).Apply(t, "db1", Name, h, false)
			if err != nil || len(steps.Warnings()) != want {
				t.Errorf("%q, container %v: %v, %q", answer, container, err, steps.Warnings())
			}
		}
	}
}

func TestTheDiskOfTheDataCounts(t *testing.T) {
	h, asked := good(), ""
	h.PutDir("/data", modules.Attributes{})
	h.Answer(func(c modules.Command) (string, error) {
		asked = strings.Join(c.Argv, " ")
		return df(c, roomy, "/"), nil
	}, "df")
	c := inventory(trixie())
	c.Hosts[0].Sections["etcd"] = "data_dir: /data/etcd/main"
	if _, err := c.Apply(t, "db1", Name, h, false); err != nil || !strings.HasSuffix(asked, " /data") {
		t.Errorf("%v, asked for %q", err, asked)
	}
}

func TestUpgradable(t *testing.T) {
	upgradable := func(h *fake.Host) error {
		c := inventory(trixie())
		target, _ := c.Target(t, "db1", Name, h, true)
		return c.Action(t, "db1", Name, "upgradable").Do(t.Context(), target)
	}
	if err := upgradable(good()); err != nil {
		t.Errorf("a good host: %v", err)
	}
	full := good()
	disk(full, 19_900_000_000)
	if err := upgradable(full); !runner.IsRefused(err) || !strings.Contains(err.Error(), "/ is 19 % free") {
		t.Errorf("a full host: %v", err)
	}
	broken := good()
	broken.Put("/var/lib/dpkg/status", "Package: etcd-server\nStatus: install ok half-configured\nArchitecture: amd64\nVersion: 3.5\n\n")
	if err := upgradable(broken); err != nil {
		t.Errorf("what an interrupted upgrade left must not keep the next from going on: %v", err)
	}
}
