package os

import (
	"fmt"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/modules/fake"
	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/roletest"
)

func machine() *fake.Host {
	h := fake.New()
	h.Put("/etc/hosts", "127.0.0.1 localhost\n127.0.1.1 db1\n")
	h.Put("/proc/self/mountinfo", "22 1 0:20 / /proc rw - proc proc rw\n")
	h.Put("/proc/meminfo", meminfo(800<<10))
	for _, key := range []string{"net/core/somaxconn", "vm/swappiness"} {
		h.Put("/proc/sys/"+key, "60\n")
	}
	h.Put("/sys/kernel/mm/transparent_hugepage/enabled", "[always] madvise never\n")
	return h
}

func TestKernelWithoutHugePages(t *testing.T) {
	h := machine()
	h.Delete("/sys/kernel/mm/transparent_hugepage/enabled")
	steps, err := inventory("").Apply(t, "db1", Name, h, false)
	if err != nil || !strings.Contains(steps.String(), "this kernel has none") {
		t.Errorf("%v\n%s", err, steps)
	}
}

// meminfo is of a machine with 4 GiB.
func meminfo(committedKiB int) string {
	return fmt.Sprintf("MemTotal:        4194304 kB\nSwapTotal:             0 kB\nCommitted_AS:    %d kB\nHugetlb:               0 kB\n", committedKiB)
}

func TestGolden(t *testing.T) {
	for name, host := range map[string]string{"database": "db1", "balancer": "lb1"} {
		t.Run(name, func(t *testing.T) {
			steps, err := inventory("").Apply(t, host, Name, machine(), true)
			if err != nil {
				t.Fatalf("%v\n%s", err, steps)
			}
			roletest.Golden(t, name, steps.String())
		})
	}
}

func TestContainerKeepsItsKernelAndHostsFile(t *testing.T) {
	c := inventory("hostname: true")
	c.Hosts[0].Facts = runner.Facts{OS: "debian", Codename: "trixie", Hostname: "x", Container: true, Memory: 4 << 30}
	h := machine()
	h.Put("/proc/self/mountinfo", "900 800 8:1 /x/hosts /etc/hosts rw - ext4 /dev/sda1 rw\n")
	steps, err := c.Apply(t, "db1", Name, h, true)
	if err != nil {
		t.Fatalf("%v\n%s", err, steps)
	}
	roletest.Golden(t, "container", steps.String())
}

func TestSecondRunChangesNothing(t *testing.T) {
	h := machine()
	for range 2 {
		steps, err := inventory("").Apply(t, "db1", Name, h, false)
		if err != nil {
			t.Fatalf("%v\n%s", err, steps)
		}
		h.ClearLog()
	}
	steps, err := inventory("").Apply(t, "db1", Name, h, false)
	if err != nil || len(steps.Changed()) > 0 || h.Log() != "" {
		t.Errorf("%v\n%s\n%s", err, steps, h.Log())
	}
}
