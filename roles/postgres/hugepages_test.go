package postgres_test

import (
	"strings"
	"testing"

	"github.com/pgrun/pgrun/modules/fake"
	"github.com/pgrun/pgrun/runner"
)

func TestHugePages(t *testing.T) {
	const file, want = "/etc/sysctl.d/60-pgrun-huge-pages.conf", "vm.nr_hugepages = 2142\n" // 4096 MB and 3 %, and 64 MB
	for _, c := range []struct {
		name, section  string
		memory         int64
		container      bool
		running        bool
		file, reserved bool
	}{
		{name: "first deployment", memory: 16 << 30, file: true, reserved: true},
		{name: "beside a running server", memory: 16 << 30, running: true, file: true},
		{name: "small host", memory: 4 << 30},
		{name: "container", memory: 16 << 30, container: true},
		{name: "switched off", memory: 16 << 30, section: "parameters: {huge_pages: false}"},
		{name: "measured by somebody", memory: 16 << 30, section: "parameters: {shared_buffers: 6GB}"},
	} {
		h, cluster := bare(), one(c.section)
		h.Say("1B-blocks\n100000000000\n", "df")
		h.Put("/proc/sys/vm/nr_hugepages", "0\n")
		h.Say("", "sysctl")
		cluster.Hosts[0].Facts = runner.Facts{OS: "debian", Codename: "trixie", Version: "13", CPUs: 2, Memory: c.memory, Container: c.container}
		if c.running {
			h.Put("/var/lib/postgresql/17/orders/postmaster.pid", "1\n")
		}
		if _, err := cluster.Apply(t, "db1", "postgres", h, false); err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		if text := read(t, h, file); strings.Contains(text, want) != c.file {
			t.Errorf("%s: the file is %q", c.name, text)
		}
		if got := strings.Contains(h.Log(), "sysctl -q -w vm.nr_hugepages=2142"); got != c.reserved {
			t.Errorf("%s: reserved at once: %v\n%s", c.name, got, h.Log())
		}
	}
}

func read(t *testing.T, h *fake.Host, path string) string {
	t.Helper()
	text, err := h.ReadFile(t.Context(), path, 0)
	if err != nil {
		return ""
	}
	return string(text)
}
