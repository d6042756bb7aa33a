//go:build bench

package integration

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// controller tells what a second run costs the controller by itself (its start, the input, the hash of its binary), and for each
// database host more: from runs on one host and on three, in turns. The CPU of the other programs here is not in it.
func controller(t *testing.T, f figures, c *cluster) {
	var one, three, all []usage
	for range rounds {
		one = append(one, c.cost(t, 1, "-l", "db1"))
		three = append(three, c.cost(t, 3, "-l", "db1,db2,db3"))
		all = append(all, c.cost(t, len(c.Hosts)))
	}
	each := (cpu(three) - cpu(one)) / 2
	f.line("controller, CPU for each database host", fmt.Sprintf("%.1f ms", each), "5 ms")
	f.line("  and for the run itself", fmt.Sprintf("%.1f ms", cpu(one)-each), "")
	f.line(fmt.Sprintf("  both, %d hosts: in all, and by the number of hosts", len(c.Hosts)),
		fmt.Sprintf("%.1f ms, %.1f ms", cpu(all), cpu(all)/float64(len(c.Hosts))), "")
	f.line("controller, memory in all", fmt.Sprintf("%.1f MB", all[0].memory), "")
}

// cost is what one run that has nothing to do took. The kernel's own figure for memory begins with that of whoever starts a
// process: this one is looked at while it runs.
func (c *cluster) cost(t *testing.T, hosts int, args ...string) usage {
	t.Helper()
	p := begin(t.Context(), t, append([]string{"site.yml", "-i", c.Inventory(), "--output", "json"}, args...)...)
	var u usage
	ended, looked := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(looked)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for {
			u.memory = max(u.memory, highWater(fmt.Sprintf("/proc/%d", p.cmd.Process.Pid)))
			select {
			case <-ended:
				return
			case <-tick.C:
			}
		}
	}()
	r := p.end(t).unchanged(t, hosts)
	close(ended)
	<-looked
	u.cpu = (r.state.UserTime() + r.state.SystemTime()).Seconds()
	return u
}

// cpu is the median, in milliseconds.
func cpu(all []usage) float64 {
	slices.SortFunc(all, func(a, b usage) int { return int((a.cpu - b.cpu) * 1e6) })
	return all[len(all)/2].cpu * 1000
}
