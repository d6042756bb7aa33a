//go:build integration

package integration

import (
	"slices"
	"strings"
	"testing"
)

// announced runs site.yml after a check of it, and holds the plan that the check tells against what the run then does to
// PostgreSQL: the same hosts, in the same order, and the same host that takes over. It returns the plan.
func (c *cluster) announced(t *testing.T, args ...string) (plan []string, run result) {
	t.Helper()
	check := c.site(t, append(args, "--check")...).want(t, wouldChange)
	run = c.site(t, args...).want(t, 0)
	planned, done := check.interruptions("plan", "patroni"), run.interruptions("report", "patroni")
	if !slices.Equal(planned, done) {
		t.Errorf("the check told\n%s\nand the run did\n%s", strings.Join(planned, "\n"), strings.Join(done, "\n"))
	}
	t.Logf("planned and done: %s", strings.Join(done, "; "))
	for _, e := range check.events {
		if e.Event == "plan" {
			plan = append(plan, e.Role+" on "+e.Host)
		}
	}
	return plan, run
}

// interruptions are the lines of a plan or of a report, as "db1 PostgreSQL restarted, after a switchover to db2".
func (r result) interruptions(kind, role string) (list []string) {
	for _, e := range r.events {
		if e.Event == kind && e.Role == role {
			what, _, _ := strings.Cut(e.Why, ":")
			list = append(list, e.Host+" "+what)
		}
	}
	return list
}
