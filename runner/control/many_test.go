package control

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestThousandHosts runs on 1,000 hosts of 200 clusters at once; the workers
// are in this process, so that what it costs is an upper bound.
func TestThousandHosts(t *testing.T) {
	const hosts, perCluster = 1000, 5
	var text strings.Builder
	text.WriteString("all:\n  hosts:\n")
	for i := range hosts {
		fmt.Fprintf(&text, "    h%d: {ansible_host: 10.0.%d.%d, cluster: {name: c%d}}\n", i, i/250, 1+i%250, i/perCluster)
	}
	l := newLab(t)
	began := time.Now()
	summary, problems := l.run(text.String(), "- {hosts: all, roles: [thing]}\n- {hosts: all, roles: [{role: thing, action: restart}]}\n", nil)
	if problems != "" || !summary.OK() || len(summary.Hosts) != hosts || len(l.log) != hosts {
		t.Fatalf("%s %v, %d hosts, %d applied", problems, summary.Kinds, len(summary.Hosts), len(l.log))
	}
	t.Logf("%d hosts, a role and a survey: %s", hosts, time.Since(began).Round(time.Millisecond))
}
