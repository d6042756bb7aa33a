package os

import (
	"strings"
	"testing"
)

// Where more is committed than the limit allows, every fork would fail.
func TestOvercommitIsNotForbiddenToAMachineThatLivesOnIt(t *testing.T) {
	for name, c := range map[string]struct {
		section   string
		committed int // KiB of 4 GiB
		live      string
		want      bool
	}{
		"fits":                   {"", 1 << 20, "0\n", true},
		"does not fit":           {"", 5 << 20, "0\n", false},
		"hardly fits":            {"", 3600 << 10, "0\n", false},
		"lives with it already":  {"", 3600 << 10, "2\n", true},
		"the operator's word":    {"sysctl: {vm.overcommit_memory: '2'}", 5 << 20, "0\n", true},
		"the operator leaves it": {"sysctl: {vm.overcommit_memory: ''}", 1 << 20, "0\n", false},
	} {
		t.Run(name, func(t *testing.T) {
			h := machine()
			h.Put("/proc/meminfo", meminfo(c.committed))
			h.Put("/proc/sys/vm/overcommit_memory", c.live)
			steps, err := inventory(c.section).Apply(t, "db1", Name, h, false)
			if err != nil {
				t.Fatalf("%v\n%s", err, steps)
			}
			if got := strings.Contains(h.Content("/etc/sysctl.d/90-pgrun.conf"), "vm.overcommit_memory = 2"); got != c.want {
				t.Errorf("strict overcommit: %v, want %v\n%s", got, c.want, steps)
			}
		})
	}
}

func TestTransparentHugePagesAreLeftAgain(t *testing.T) {
	h := machine()
	for _, section := range []string{"", "transparent_huge_pages: leave", "transparent_huge_pages: leave"} {
		h.ClearLog()
		steps, err := inventory(section).Apply(t, "db1", Name, h, false)
		if err != nil {
			t.Fatalf("%v\n%s", err, steps)
		}
	}
	if log := h.Log(); log != "" {
		t.Errorf("leaving it twice did\n%s", log)
	}
	if unit, err := h.Unit(t.Context(), hugePagesUnit); err != nil || unit.UnitFileState == "enabled" || unit.ActiveState == "active" {
		t.Errorf("the unit still counts: %+v, %v", unit, err)
	}
}
