//go:build integration || bench

package integration

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// invocations are the runs of all long-running units of all hosts, as "host unit" to InvocationID: any restart shows.
func (c *cluster) invocations(t *testing.T) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, h := range c.Hosts {
		out := on(t, h, "systemctl", "show", "--property=Id,InvocationID,Type,ActiveState", "*.service")
		for block := range strings.SplitSeq(out, "\n\n") {
			unit := map[string]string{}
			for line := range strings.Lines(block) {
				key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
				unit[key] = value
			}
			if slices.Contains([]string{"active", "reloading"}, unit["ActiveState"]) && unit["Type"] != "oneshot" {
				all[h.Name+" "+unit["Id"]] = unit["InvocationID"]
			}
		}
	}
	return all
}

// restarted names the units that are not in the same run as before.
func restarted(before, after map[string]string) (units []string) {
	for _, unit := range slices.Sorted(maps.Keys(before)) {
		if after[unit] != before[unit] {
			units = append(units, unit)
		}
	}
	return units
}

// still ends the test if any unit was restarted since.
func (c *cluster) still(t *testing.T, before map[string]string) {
	t.Helper()
	if units := restarted(before, c.invocations(t)); len(units) > 0 {
		t.Errorf("restarted: %s", strings.Join(units, ", "))
	}
}

// started is when each database host's unit came up last, in microseconds since boot of the machine that they share.
func (c *cluster) started(t *testing.T, unit string) map[string]string {
	t.Helper()
	times := map[string]string{}
	for _, h := range c.Databases() {
		times[h.Name] = on(t, h, "systemctl", "show", "--property=ActiveEnterTimestampMonotonic", "--value", unit)
	}
	return times
}
