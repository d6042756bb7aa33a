package haproxy_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/roles/published"
	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/roletest"
)

// act carries out what an action does, and returns what it did to the machine.
func act(t *testing.T, c roletest.Cluster, b *balancer, name string) string {
	t.Helper()
	before := len(b.Log())
	target, steps := c.Target(t, "lb1", "haproxy", b, false)
	if err := c.Action(t, "lb1", "haproxy", name).Do(t.Context(), target); err != nil {
		t.Fatalf("%s: %v\n%s", name, err, steps)
	}
	return b.Log()[before:]
}

func due(t *testing.T, c roletest.Cluster, b *balancer, name string) string {
	t.Helper()
	why, err := c.Action(t, "lb1", "haproxy", name).Due(t.Context(), c.Observer(t, "lb1", "haproxy", b))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return why
}

func TestUpgrade(t *testing.T) {
	c, b := cluster("", "", "", ""), newBalancer()
	apply(t, c, b, false)
	if why := due(t, c, b, "upgrade"); why != "" {
		t.Errorf("an upgrade to the same version is due: %s", why)
	}
	b.offer("3.0.11-2")
	if why := due(t, c, b, "upgrade"); !strings.Contains(why, "haproxy is 3.0.11-1, not 3.0.11-2") {
		t.Errorf("the upgrade is due: %q", why)
	}
	if done := act(t, c, b, "download"); !strings.Contains(done, "--download-only") || b.installed() != "3.0.11-1" {
		t.Errorf("the download did\n%s", done)
	}
	done := act(t, c, b, "upgrade")
	if !strings.Contains(done, "job reload haproxy.service") || strings.Contains(done, "job restart") || b.running != "3.0.11-2" {
		t.Errorf("the upgrade to %s did\n%s", b.running, done)
	}
	if why := due(t, c, b, "upgrade"); why != "" {
		t.Errorf("after the upgrade another is due: %s", why)
	}
}

func TestBalancersCompareAndReport(t *testing.T) {
	c, b := cluster("", "", "", ""), newBalancer()
	apply(t, c, b, false)
	b.offer("3.0.11-2")
	offer, err := c.Action(t, "lb1", "haproxy", "download").Alike(t.Context(), c.Observer(t, "lb1", "haproxy", b))
	if err != nil || offer["haproxy"] != "3.0.11" {
		t.Errorf("on offer: %v, %v", offer, err)
	}
	target, steps := c.Target(t, "lb1", "haproxy", b, false)
	if err := c.Action(t, "lb1", "haproxy", "upgrade").Do(t.Context(), target); err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(steps.Reports()); got != "[{HAProxy 3.0.11-1 -> 3.0.11-2 0s}]" {
		t.Errorf("reports %s", got)
	}
}

func TestWhatOthersKnowOfABalancer(t *testing.T) {
	for section, want := range map[string]published.HAProxy{
		"":                                      {Address: "10.0.0.101", WritesPort: 5000, Ports: []int{5000, 5001, 5002, 5003, 7000}},
		"bind: [10.0.0.100]\nwrites_port: 6000": {Address: "10.0.0.100", WritesPort: 6000, Ports: []int{6000, 5001, 5002, 5003, 7000}},
		"bind: [10.0.0.100, 10.0.0.101]\nreplicas_port: 0": {Address: "10.0.0.101", WritesPort: 5000, Ports: []int{5000, 5002, 5003, 7000}},
	} {
		view, _ := cluster(section, "").View(t, "lb1", "haproxy")
		if got, ok := published.HAProxyOf(view.Group("balancers")[0]); !ok || !reflect.DeepEqual(got, want) {
			t.Errorf("%q: published %+v, %v", section, got, ok)
		}
	}
}

func TestAnUpgradeThatWasCutShortIsFinished(t *testing.T) {
	c, b := cluster("", "", "", ""), newBalancer()
	apply(t, c, b, false)
	b.running = "3.0.10-9"
	if why := due(t, c, b, "upgrade"); why != "3.0.10-9 runs, 3.0.11-1 is installed" {
		t.Errorf("the upgrade is due: %q", why)
	}
	if act(t, c, b, "upgrade"); b.running != "3.0.11-1" {
		t.Errorf("%s runs", b.running)
	}
}

func TestRestart(t *testing.T) {
	c, b := cluster("", "", "", ""), newBalancer()
	apply(t, c, b, false)
	if why := due(t, c, b, "restart"); why != "" {
		t.Errorf("a restart is due: %s", why)
	}
	b.Put("/etc/systemd/system/haproxy.service.d/pgrun.conf", "[Service]\nLimitNOFILE=7\n")
	if why := due(t, c, b, "restart"); !strings.Contains(why, "pgrun.conf changed") {
		t.Errorf("the restart is due: %q", why)
	}
	if done := act(t, c, b, "restart"); !strings.Contains(done, "job restart haproxy.service") {
		t.Errorf("the restart did\n%s", done)
	}
	if why := due(t, c, b, "restart"); why != "" {
		t.Errorf("after the restart another is due: %s", why)
	}
}

func TestReady(t *testing.T) {
	c, b := cluster("", "", "", ""), newBalancer()
	apply(t, c, b, false)
	if done := act(t, c, b, "ready"); done != "" {
		t.Errorf("looking did\n%s", done)
	}
	b.states = "DOWN DOWN DOWN"
	target, _ := c.Target(t, "lb1", "haproxy", b, false)
	err := c.Action(t, "lb1", "haproxy", "ready").Do(t.Context(), target)
	if !runner.IsRefused(err) || !strings.Contains(err.Error(), "0 servers of the writes port are up") {
		t.Errorf("the error is %v", err)
	}
}
