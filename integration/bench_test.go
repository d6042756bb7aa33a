//go:build bench

package integration

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/pgrun/pgrun/integration/lab"
)

// figures are the lines of the table that make bench prints.
type figures struct{ *tabwriter.Writer }

func (f figures) line(what, got, budget string) { fmt.Fprintf(f, "%s\t%s\t%s\n", what, got, budget) }

// TestBench prints every budget that applies beside what was measured, and the floor that was measured in the same run.
func TestBench(t *testing.T) {
	f := figures{tabwriter.NewWriter(os.Stdout, 0, 0, 3, ' ', 0)}
	defer f.Flush()
	f.line("WHAT", "MEASURED", "BUDGET")
	c := hosts(t, lab.Config{Name: "bench", Bare: true, Hosts: []string{"db1", "db2", "db3", "lb1"}})
	r := c.site(t).want(t, 0)
	c.whole(t, time.Minute)
	f.line("reference cluster from bare hosts", seconds(r.took), "180 s")
	if err := c.Down(t.Context()); err != nil {
		t.Fatal(err)
	}

	c = hosts(t, lab.Config{Name: "bench", Hosts: []string{"db1", "db2", "db3", "lb1", "h1", "h2", "h3", "h4", "h5"}})
	c.site(t).want(t, 0)
	c.whole(t, time.Minute)
	fanout(t, f, c)
	controller(t, f, c)
	f.line("round trips of a second run, 100 ms each", fmt.Sprintf("%.1f", c.trips(t)), fmt.Sprint(tripsAllowed))
	worker(t, f, c)
	size(t, f)
	ansible(t, f, c)
}

const rounds = 7

// fanout compares a run that has nothing to do with the least that SSH can do on the same hosts, in turns.
func fanout(t *testing.T, f figures, c *cluster) {
	var floor, ours []time.Duration
	var quiet result
	for range rounds {
		floor = append(floor, c.ssh(t))
		quiet = c.site(t).unchanged(t, len(c.Hosts))
		ours = append(ours, quiet.took)
	}
	steps := 0
	for _, n := range quiet.recap(t).Hosts {
		steps += n.Unchanged + n.Skipped
	}
	least, middle := slices.Min(floor), median(floor)
	f.line(fmt.Sprintf("ssh host sudo -n true, %d hosts in parallel", len(c.Hosts)), spread(floor), "the floor")
	f.line(fmt.Sprintf("second run, %d hosts, %d steps", len(c.Hosts), steps), spread(ours), "1.5 x the floor")
	f.line("  so many times the floor (least, median)", fmt.Sprintf("%.2f, %.2f", ratio(slices.Min(ours), least), ratio(median(ours), middle)), "1.5")
}

func ratio(a, b time.Duration) float64 { return a.Seconds() / b.Seconds() }

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }

func median(d []time.Duration) time.Duration {
	d = slices.Sorted(slices.Values(d))
	return d[len(d)/2]
}

func spread(d []time.Duration) string {
	return strings.Join([]string{seconds(slices.Min(d)), seconds(median(d)), seconds(slices.Max(d))}, ", ") + " (least, median, most)"
}
