package os

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// setting is a kernel setting and why it is set.
type setting struct{ key, value, why string }

// networkSettings belong to a network namespace: containers have their own.
func networkSettings() []setting {
	return []setting{
		{"net.core.somaxconn", "4096", "bursts of connections after a failover wait in the queue and are not refused"},
		{"net.ipv4.tcp_max_syn_backlog", "8192", "the same burst, before connections are accepted"},
	}
}

// balancerSettings are for hosts that take in clients. Elsewhere the wider
// range would only get into the way of what listens above 10240.
func balancerSettings() []setting {
	return []setting{
		{"net.ipv4.ip_local_port_range", "10240 65000", "a balancer needs a port for each session; pgrun's services listen below"},
	}
}

// databaseSettings are for hosts that run PostgreSQL. memory is in bytes.
func databaseSettings(memory int64) []setting {
	settings := []setting{
		{"vm.swappiness", "1", "swap only to avoid the OOM killer: a swapped out server misses its lease"},
		{"vm.zone_reclaim_mode", "0", "use free memory of other nodes before dropping the page cache"},
		{"kernel.numa_balancing", "0", "moving pages of shared memory about costs more than it gains"},
		{"kernel.sched_autogroup_enabled", "0", "desktop scheduling that groups by session starves backends"},
	}
	if memory >= 2<<30 {
		settings = append(settings,
			setting{"vm.overcommit_memory", "2", "a query gets out of memory instead of the OOM killer ending the whole server"},
			setting{"vm.overcommit_ratio", "90", "without swap the default of 50 leaves half of the memory unused"},
		)
	}
	background, limit := dirtyBytes(memory)
	return append(settings,
		setting{"vm.dirty_background_bytes", fmt.Sprint(background), "write back early and steadily, not in one burst at a checkpoint"},
		setting{"vm.dirty_bytes", fmt.Sprint(limit), "bounds what an fsync has to wait for"},
	)
}

// dirtyBytes scales autobase's 64 and 512 MiB down on small hosts: at most
// 1/64 and 1/8 of the memory.
func dirtyBytes(memory int64) (background, limit int64) {
	return max(8<<20, min(64<<20, memory/64)), max(64<<20, min(512<<20, memory/8))
}

func sysctlKey() *regexp.Regexp { return regexp.MustCompile(`^[a-z0-9_]+([./][A-Za-z0-9_-]+)+$`) }

// validateSysctl finds what the kernel's settings could not be.
func (r *Role) validateSysctl(v *runner.View) {
	seen := map[string]bool{}
	for _, key := range sorted(r.Sysctl) {
		switch name := dotted(key); {
		case !sysctlKey().MatchString(key) || strings.Contains(key, ".."):
			v.Problem("sysctl."+key, "is not the name of a kernel setting, as in vm.swappiness")
		case seen[name]:
			v.Problem("sysctl."+key, "is %s, which is there too", name)
		case strings.ContainsAny(r.Sysctl[key], "\n\r"):
			v.Problem("sysctl."+key, "has more than one line")
		default:
			seen[name] = true
		}
	}
}

func (r *Role) applyKernel(ctx context.Context, t *runner.Target) error {
	settings := networkSettings()
	if t.Host.In("balancers") {
		settings = append(settings, balancerSettings()...)
	}
	if t.Host.In("postgres") {
		settings = append(settings, databaseSettings(t.Facts.Memory)...)
	}
	values := r.merged(settings)
	if t.Facts.Container {
		dropMachine(ctx, t, values)
	}
	if err := r.dropOvercommit(ctx, t, values); err != nil {
		return err
	}
	return t.Ensure(ctx, modules.Sysctl{Name: "90-pgrun", Values: values, Optional: true})
}

// dropMachine leaves out what a container shares with others.
func dropMachine(ctx context.Context, t *runner.Target, values map[string]string) {
	var left []string
	for _, key := range sorted(values) {
		if !strings.HasPrefix(key, "net.") {
			delete(values, key)
			left = append(left, key)
		}
	}
	if len(left) > 0 {
		t.Skip(ctx, "kernel settings of the machine", "a container shares its kernel with others: "+strings.Join(left, ", "))
	}
}

// merged lays the operator's settings over pgrun's.
func (r *Role) merged(settings []setting) map[string]string {
	values := map[string]string{}
	for _, s := range settings {
		values[s.key] = s.value
	}
	for key, value := range r.Sysctl {
		values[dotted(key)] = value
	}
	maps.DeleteFunc(values, func(_, value string) bool { return value == "" })
	return values
}

// dotted writes a key with dots between its parts. As sysctl.d(5) has it, the
// first separator decides what separates, and the other one then stands for
// a dot in a name: net/ipv4/conf/eth0.100.
func dotted(key string) string {
	if i := strings.IndexAny(key, "./"); i < 0 || key[i] == '.' {
		return key
	}
	return strings.NewReplacer("/", ".", ".", "/").Replace(key)
}

func sorted(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }
