package command

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
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

// look takes as long as a look at a real machine: a load, not a wait for anything.
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
type cost struct{ cpu, memory float64 } // ms, MB at most

// converge runs the command line as a process of its own: what it cost does not
// have the hosts' share in it.
func (h *hosts) converge() cost {
	h.t.Helper()
	h.write("site.yml", settledPlaybook)
	cmd := exec.CommandContext(h.t.Context(), "pgrun-settled", filepath.Join(h.folder, "site.yml"), "-i", filepath.Join(h.folder, "inventory.yml"))
	out, err := cmd.CombinedOutput()
	found := regexp.MustCompile(`VmHWM:\s*([0-9]+) kB`).FindSubmatch(out)
	if err != nil || !strings.Contains(string(out), "nothing to change") || found == nil {
		h.t.Fatalf("%v\n%.2000s", err, out)
	}
	kb, _ := strconv.ParseFloat(string(found[1]), 64) // digits, says the pattern
	state := cmd.ProcessState
	return cost{cpu: (state.UserTime() + state.SystemTime()).Seconds() * 1000, memory: kb / 1024}
}

// tellMemory prints the most memory that this process had. What the kernel
// tells its parent begins with the parent's own.
func tellMemory() {
	status, _ := os.ReadFile("/proc/self/status") // whoever measures misses it
	fmt.Fprintf(os.Stderr, "%s", status)
}

// TestWholeCommandOverSSH goes all the way, from the command line to the worker.
func TestWholeCommandOverSSH(t *testing.T) {
	newHosts(t, settledRegistry(), 7).converge()
}

// BenchmarkFleet tells what a second run costs the controller by itself, and
// for each host: from runs on few and on many hosts, in turns.
func BenchmarkFleet(b *testing.B) {
	const few = 9
	for _, many := range []int{200, 1000} {
		b.Run(fmt.Sprintf("hosts=%d", many), func(b *testing.B) {
			small, large := newHosts(b, settledRegistry(), few), newHosts(b, settledRegistry(), many)
			var little, much []cost
			for b.Loop() {
				little, much = append(little, small.converge()), append(much, large.converge())
			}
			l, m := middle(little), middle(much)
			each := cost{cpu: (m.cpu - l.cpu) / float64(many-few), memory: (m.memory - l.memory) / float64(many-few)}
			b.ReportMetric(l.cpu-few*each.cpu, "cpu-ms-own")
			b.ReportMetric(each.cpu, "cpu-ms/host")
			b.ReportMetric(m.memory, "MB")
			b.ReportMetric(each.memory, "MB/host")
		})
	}
}

// middle is the median of each figure.
func middle(all []cost) cost {
	of := func(figure func(cost) float64) float64 {
		list := make([]float64, len(all))
		for i, c := range all {
			list[i] = figure(c)
		}
		slices.Sort(list)
		return list[len(list)/2]
	}
	return cost{cpu: of(func(c cost) float64 { return c.cpu }), memory: of(func(c cost) float64 { return c.memory })}
}
