package modules_test

import (
	"context"
	_ "embed"
	"strings"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/modules/fake"
)

// A key made for this test with gpg, which also said its fingerprint.
const fingerprint = "2DE3 ECE2 E64B F991 948B 13EF F89A FF7E E1C1 D067"

//go:embed testdata/key.asc
var key []byte

func repository() modules.AptRepository {
	return modules.AptRepository{
		Name: "pgdg", URIs: []string{"https://apt.postgresql.org/pub/repos/apt"}, Suites: []string{"trixie-pgdg"},
		Components: []string{"main"}, Key: key, Fingerprint: fingerprint, Pin: map[string]int{"postgresql*": 700},
	}
}

func packageKinds() []kind {
	offer := func(h *fake.Host) {
		h.Offer(fake.Package{Name: "etcd-server", Version: "3.5.16-4", Units: []string{"etcd"}}, fake.Package{Name: "jq", Version: "1.7"})
	}
	older := func(selection string) func(h *fake.Host) {
		return func(h *fake.Host) {
			offer(h)
			h.Install(fake.Package{Name: "etcd-server", Version: "3.5.15-1", Status: selection + " ok installed"})
		}
	}
	one := []string{"etcd-server"}
	return []kind{
		{"packages", modules.Packages{Names: []string{"etcd-server", "jq"}, Preseed: map[string]string{"/etc/default/etcd": "X=1\n"}}, offer},
		{"packages of a version", modules.Packages{Names: one, Versions: map[string]string{"etcd-server": "3.5.16*"}}, older("install")},
		{"packages held", modules.Packages{Names: one, Hold: true}, older("install")},
		{"packages held and newest", modules.Packages{Names: one, Hold: true, Latest: true}, older("hold")},
		{"packages fetched", modules.Packages{Names: one, Latest: true, Fetch: true}, older("hold")},
		{"packages after an interrupted dpkg", modules.Packages{Names: one}, func(h *fake.Host) {
			offer(h)
			h.Install(fake.Package{Name: "etcd-server", Version: "3.5.16-4", Status: "install ok half-configured"})
			h.Put("/var/lib/dpkg/updates/0000", "")
		}},
		{"packages after an interrupted unpacking", modules.Packages{Names: one}, func(h *fake.Host) {
			offer(h)
			h.Install(fake.Package{Name: "etcd-server", Version: "3.5.16-4", Status: "install reinstreq half-installed"})
			h.Install(fake.Package{Name: "jq", Version: "1.7", Status: "install reinstreq unpacked"})
		}},
		{"packages after an interrupted run", modules.Packages{Names: one}, func(h *fake.Host) {
			older("install")(h)
			h.Put("/usr/sbin/policy-rc.d", "#!/bin/sh\n# pgrun: no service starts while packages are installed.\nexit 101\n")
		}},
		{"package lists", modules.PackageLists{}, nil},
		{"apt repository", repository(), nil},
		{"apt repository whose lists were not fetched", repository(), func(h *fake.Host) {
			h.Put("/etc/apt/keyrings/pgdg.asc", string(key))
		}},
		{"apt repository in a folder", modules.AptRepository{Name: "local", URIs: []string{"file:/srv/debs"}, Suites: []string{"./"}, Trusted: true}, nil},
	}
}

func systemKinds() []kind {
	etcd := func(state, boot string) func(h *fake.Host) {
		return func(h *fake.Host) {
			h.Put("/etc/etcd.conf", "a\n")
			h.SetUnit(modules.Unit{Name: "etcd", ActiveState: state, UnitFileState: boot})
		}
	}
	changed := func(h *fake.Host) {
		etcd("active", "enabled")(h)
		h.Put("/etc/etcd.conf", "b\n")
	}
	swappiness := map[string]string{"vm.swappiness": "1", "net.ipv4.ip_local_port_range": "1024 65000"}
	kernel := func(h *fake.Host) {
		h.Put("/proc/sys/vm/swappiness", "60\n")
		h.Put("/proc/sys/net/ipv4/ip_local_port_range", "32768\t60999\n")
	}
	return []kind{
		{"service", modules.Service{Name: "etcd"}, etcd("inactive", "disabled")},
		{"service without waiting", modules.Service{Name: "etcd", NoBlock: true}, etcd("inactive", "disabled")},
		{"service whose unit was just written", modules.Service{Name: "x"}, func(h *fake.Host) { h.Put("/etc/systemd/system/x.service", "") }},
		{"service stopped", modules.Service{Name: "etcd", Stopped: true, Disabled: true}, etcd("active", "enabled")},
		{"service masked", modules.Service{Name: "etcd", Masked: true}, etcd("active", "enabled")},
		{"service unmasked", modules.Service{Name: "etcd"}, func(h *fake.Host) {
			h.SetUnit(modules.Unit{Name: "etcd", LoadState: "masked", UnitFileState: "masked"})
		}},
		{"service unmasked and disabled", modules.Service{Name: "etcd", Stopped: true, Disabled: true}, func(h *fake.Host) {
			h.SetUnit(modules.Unit{Name: "etcd", UnitFileState: "enabled"})
			_ = h.Job(context.Background(), "etcd", "mask")
		}},
		{"service with changed unit", modules.Service{Name: "etcd"}, func(h *fake.Host) {
			h.SetUnit(modules.Unit{Name: "etcd", ActiveState: "active", UnitFileState: "enabled", NeedsReload: true})
		}},
		{"service to reload", modules.Service{Name: "etcd", Reload: []string{"/etc/etcd.conf"}}, changed},
		{"service to restart", modules.Service{Name: "etcd", Restart: []string{"/etc/etcd.conf"}, RestartAtOnce: true}, changed},
		{"user", modules.User{Name: "etcd", Groups: []string{"root"}, Home: "/var/lib/etcd", Shell: "/usr/sbin/nologin", System: true}, nil},
		{"user that differs", modules.User{Name: "etcd", Group: "ssl", Groups: []string{"root"}, Home: "/x", Shell: "/y"}, func(h *fake.Host) {
			h.AddUser("etcd", 900, "/var/lib/etcd", "/bin/sh")
			h.AddUser("ssl", 901, "/", "/bin/sh")
		}},
		{"user whose group is there", modules.User{Name: "etcd", System: true}, func(h *fake.Host) {
			h.Put("/etc/group", "root:x:0:\netcd:x:105:\n")
		}},
		{"group", modules.Group{Name: "etcd", System: true}, nil},
		{"sysctl", modules.Sysctl{Name: "90-pgrun", Values: swappiness}, kernel},
		{"sysctl that a container refuses", modules.Sysctl{Name: "90-pgrun", Values: swappiness, Optional: true}, func(h *fake.Host) {
			h.Put("/proc/sys/vm/swappiness", "60\n", modules.Attributes{Mode: 0o444})
		}},
	}
}

// hostile is what a variable may hold when somebody means harm.
func hostile() []string {
	return []string{"$(touch /x)", "`id`", "'; rm -rf / #", `"quoted"`, "two\nlines", "-rf", "--option=x", "a b", `back\slash`, "../../etc/passwd", "%s%n", "\x1b[31m"}
}

// lines of a golden log, for tests that read better so.
func lines(list ...string) string { return strings.Join(list, "\n") + "\n" }
