package haproxy_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/modules/fake"
	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/roletest"
)

const (
	statisticsURL = "http://127.0.0.1:7000/;csv"
	metricsURL    = "http://127.0.0.1:7000/metrics?scope=global"
	configFile    = "/etc/haproxy/haproxy.cfg"
)

// balancer is a machine whose HAProxy runs the installed version as soon as it
// is started or reloaded.
type balancer struct {
	*fake.Host
	running string
	states  string // of db1, db2, db3
}

func newBalancer() *balancer {
	b := &balancer{Host: fake.New(), states: "UP DOWN DOWN"}
	b.offer("3.0.11-1")
	b.Say("Configuration file is valid\n", "/usr/sbin/haproxy", "-c")
	b.Answer(func(modules.Command) (string, error) {
		return "HAProxy version " + b.installed() + " 2026/05/20 - https://haproxy.org/\n", nil
	}, "/usr/sbin/haproxy", "-v")
	b.OnJob("haproxy", func(verb string) error {
		if verb == "start" || verb == "reload" || verb == "restart" {
			b.running = b.installed()
		}
		return nil
	})
	b.Handle("GET", statisticsURL, func(r modules.Request) (*modules.Response, error) {
		return b.page(r, "# pxname,svname,status,check_status\n"+b.lines())
	})
	b.Handle("GET", metricsURL, func(r modules.Request) (*modules.Response, error) {
		return b.page(r, `haproxy_process_build_info{version="`+b.running+`"} 1`+"\n")
	})
	return b
}

// offer puts a version of HAProxy into the package sources.
func (b *balancer) offer(version string) {
	b.Offer(fake.Package{
		Name: "haproxy", Version: version, Units: []string{"haproxy"}, Users: []string{"haproxy"},
		Files: map[string]string{"/usr/sbin/haproxy": "program of " + version, "/etc/haproxy/errors/503.http": ""},
	})
}

// installStock is a machine to which somebody has installed HAProxy.
func (b *balancer) installStock() {
	b.Install(fake.Package{
		Name: "haproxy", Version: "3.0.11-1", Units: []string{"haproxy"}, Users: []string{"haproxy"},
		Files: map[string]string{"/usr/sbin/haproxy": "program of 3.0.11-1", configFile: "global\n    daemon\n"},
	})
}

func (b *balancer) installed() string {
	return strings.TrimPrefix(b.Content("/usr/sbin/haproxy"), "program of ")
}

func (b *balancer) lines() string {
	var text strings.Builder
	for i, status := range strings.Fields(b.states) {
		text.WriteString("writes,db" + string(rune('1'+i)) + "," + status + ",L7OK\n")
	}
	return text.String()
}

func (b *balancer) page(r modules.Request, body string) (*modules.Response, error) {
	switch {
	case b.running == "":
		return nil, errors.New("connection refused")
	case r.User != "pgrun" || r.Password != password:
		return &modules.Response{Status: 401}, nil
	}
	return &modules.Response{Status: 200, Body: []byte(body)}, nil
}

func apply(t *testing.T, c roletest.Cluster, b *balancer, check bool) *roletest.Steps {
	t.Helper()
	steps, err := c.Apply(t, "lb1", "haproxy", b, check)
	if err != nil {
		t.Fatalf("%v\n%s", err, steps)
	}
	return steps
}

func TestApply(t *testing.T) {
	c, b := cluster("", "", "", ""), newBalancer()
	steps := apply(t, c, b, false)
	roletest.Golden(t, "apply", steps.String())
	stat, err := b.Lstat(t.Context(), configFile)
	if err != nil || stat.Mode.Perm() != 0o640 || stat.Group != "haproxy" {
		t.Errorf("the configuration is %+v, %v", stat, err)
	}
	if again := apply(t, c, b, false).Changed(); len(again) != 0 {
		t.Errorf("a second run changes %q", again)
	}
}

func TestCheckOnAnEmptyMachineRunsToItsEnd(t *testing.T) {
	b := newBalancer()
	before := b.Log()
	steps := apply(t, cluster("", "", "", ""), b, true)
	if b.Log() != before {
		t.Errorf("check mode did\n%s", b.Log())
	}
	if !slices.Contains(steps.Changed(), "service haproxy.service") {
		t.Errorf("the steps are\n%s", steps)
	}
}

func TestAChangedConfigurationIsReloaded(t *testing.T) {
	b := newBalancer()
	apply(t, cluster("", "", "", ""), b, false)
	before := len(b.Log())
	apply(t, cluster("", "rto: fast", "rto: fast", "rto: fast"), b, false)
	done := b.Log()[before:]
	if !strings.Contains(done, "job reload haproxy.service") || strings.Contains(done, "job restart") {
		t.Errorf("a changed preset did\n%s", done)
	}
}

func TestApplyWaitsForOneWriter(t *testing.T) {
	for states, want := range map[string]string{
		"DOWN DOWN DOWN": "0 servers of the writes port are up, not 1 (db1 DOWN, db2 DOWN, db3 DOWN)",
		"UP DOWN UP":     "2 servers of the writes port are up, not 1 (db1 UP, db2 DOWN, db3 UP)",
	} {
		c, b := cluster("", "", "", ""), newBalancer()
		c.Patience = 1 // ns
		b.states = states
		_, err := c.Apply(t, "lb1", "haproxy", b, false)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("with %s the error is %v", states, err)
		}
	}
}

// A password that comes from a file is not known before it is on the host.
func TestAPasswordThatBreaksTheGrammarIsRefusedOnTheHost(t *testing.T) {
	c, b := cluster("", ""), newBalancer()
	c.Registry = registry("a' }\nlisten x")
	if _, err := c.Apply(t, "lb1", "haproxy", b, false); err == nil || !strings.Contains(err.Error(), "statistics_password holds") {
		t.Errorf("the error is %v", err)
	}
}

func TestNoDatabases(t *testing.T) {
	b := newBalancer()
	b.states = ""
	steps := apply(t, cluster(""), b, false)
	last := steps.List()[len(steps.List())-1]
	if last.State != runner.Skipped {
		t.Errorf("the last step is %+v", last)
	}
}

// The servers take a new port one after the other, so HAProxy stays on the
// port where they are.
func TestAPortWhereNoServerListensIsRefused(t *testing.T) {
	b := newBalancer()
	apply(t, cluster("", "", "", ""), b, false)
	before := b.Content(configFile)
	b.Serve("GET", "http://10.0.0.2:8008/cluster", 200, `{"members":[{"name":"db1","port":5432},{"name":"db2","port":5432}]}`)
	moved := "postgres_port: 5433"
	_, err := cluster("", moved, moved, moved).Apply(t, "lb1", "haproxy", b, false)
	if !runner.IsRefused(err) || !strings.Contains(err.Error(), "db1 listens on port 5432, and postgres.port is 5433") {
		t.Errorf("not refused: %v", err)
	}
	if b.Content(configFile) != before {
		t.Error("HAProxy's configuration was written")
	}
}

// Where a host leads that the inventory does not have, no wait helps.
func TestUnknownLeaderIsNamedAtOnce(t *testing.T) {
	for leader, refused := range map[string]bool{"db9": true, "db2": false, "": false} {
		c, b := cluster("", "", "", ""), newBalancer()
		b.states = "DOWN DOWN DOWN"
		b.Serve("GET", "http://10.0.0.2:8008/cluster", 200, `{"members":[{"name":"db1","role":"replica"},{"name":"`+leader+`","role":"leader"}]}`)
		_, err := c.Apply(t, "lb1", "haproxy", b, false)
		if err == nil || runner.IsRefused(err) != refused || refused && !strings.Contains(err.Error(), "db9 leads and is not in the inventory") {
			t.Errorf("%q leads: %v", leader, err)
		}
		err = c.Action(t, "lb1", "haproxy", "restart").Gate(t.Context(), c.Observer(t, "lb1", "haproxy", b))
		if err == nil || runner.IsRefused(err) != refused {
			t.Errorf("%q leads, the gate: %v", leader, err)
		}
	}
}
