package command

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// settled is a role that finds nothing to do, step by step, as the roles do in
// a second run.
type settled struct{}

func (*settled) Validate(*runner.View) {}

func (*settled) Publish(*runner.View) any { return map[string]int{"port": 5432} }

func (*settled) Apply(ctx context.Context, t *runner.Target) error {
	for n := range 15 {
		if err := t.Ensure(ctx, modules.Func{Name: fmt.Sprintf("file /etc/settled/%d.conf", n), Find: look}); err != nil {
			return err
		}
	}
	return nil
}

// look takes as long as a look at a real machine.
func look(context.Context, modules.Reader) (*modules.Change, error) {
	time.Sleep(3 * time.Millisecond)
	return nil, nil
}

func (*settled) TakeTurn(ctx context.Context, _ *runner.Target, _ modules.Host, _ string, _ int) (context.Context, func(), error) {
	return ctx, func() {}, nil
}

func (*settled) Actions() []runner.Action {
	return []runner.Action{{
		Name: "restart", OneByOne: true,
		Due: func(context.Context, *runner.Observer) (string, error) { return "", nil },
	}}
}

type clusterName struct {
	Name string `yaml:"name"`
}

func (*clusterName) Validate(*runner.View) {}

func (*clusterName) Apply(context.Context, *runner.Target) error { return nil }

func settledRegistry() runner.Registry {
	return runner.Registry{
		{Name: "cluster", New: func() runner.Role { return &clusterName{} }},
		{Name: "settled", New: func() runner.Role { return &settled{} }},
	}
}

// settledPlaybook has as many plays as a database host has in site.yml: three
// with 45 steps in all, and four with actions that are not due.
const settledPlaybook = `
- {hosts: all, roles: [cluster, settled]}
- {hosts: all, roles: [settled]}
- {hosts: all, roles: [{role: settled, action: restart}]}
- {hosts: all, roles: [{role: settled, action: restart}]}
- {hosts: all, roles: [settled]}
- {hosts: all, roles: [{role: settled, action: restart}]}
- {hosts: all, roles: [{role: settled, action: restart}]}
`

// cost is what one run of the whole command took.
type cost struct {
	cpu    time.Duration
	memory float64 // MB at most
}

// converge runs the command line as a process of its own, so that the hosts'
// share is not in what it cost.
func (h *hosts) converge(extra ...string) cost {
	h.t.Helper()
	h.write("site.yml", settledPlaybook)
	args := append([]string{filepath.Join(h.folder, "site.yml"), "-i", filepath.Join(h.folder, "inventory.yml")}, extra...)
	cmd := exec.Command("pgrun-settled", args...)
	if out, err := cmd.CombinedOutput(); err != nil {
		h.t.Fatalf("%v\n%.2000s", err, out)
	}
	state := cmd.ProcessState
	return cost{cpu: state.UserTime() + state.SystemTime(), memory: float64(state.SysUsage().(*syscall.Rusage).Maxrss) / 1024}
}

// BenchmarkFleet says what a second run costs the controller: in all, for each
// host, and at most in memory.
func BenchmarkFleet(b *testing.B) {
	for _, n := range []int{1, 9, 50, 200, 1000} {
		b.Run(fmt.Sprintf("hosts=%d", n), func(b *testing.B) {
			h := newHosts(b, settledRegistry(), n)
			var all []cost
			for b.Loop() {
				all = append(all, h.converge())
			}
			slices.SortFunc(all, func(a, b cost) int { return int(a.cpu - b.cpu) })
			middle := all[len(all)/2]
			b.ReportMetric(middle.cpu.Seconds()*1000, "cpu-ms/run")
			b.ReportMetric(middle.cpu.Seconds()*1000/float64(n), "cpu-ms/host")
			b.ReportMetric(middle.memory, "MB")
		})
	}
}
