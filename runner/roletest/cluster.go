// Package roletest runs roles in tests: on views built from a few lines of
// YAML, and on a host in memory, without a worker and without SSH.
package roletest

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// Cluster is the inventory of a test.
type Cluster struct {
	Name     string // "" is main
	Registry runner.Registry
	Hosts    []Host
	Patience time.Duration // of targets; 0 is 2 s
	Given    map[string]string
	LeftOut  []string // by --limit
}

// Host is a host of the inventory.
type Host struct {
	Name     string
	Address  string
	Groups   []string
	Sections map[string]string // YAML by role; a role that is not named has its defaults
	Facts    runner.Facts      // none: Debian trixie on amd64, 2 CPUs, 4 GiB
}

// Role returns a host's decoded section; a section that does not decode ends
// the test.
func (c Cluster) Role(t testing.TB, host, role string) runner.Role {
	t.Helper()
	return c.section(t, c.host(t, host), role)
}

// View returns what a host's role knows and what it reports into Problems.
func (c Cluster) View(t testing.TB, host, role string) (*runner.View, *Problems) {
	t.Helper()
	h := c.host(t, host)
	entry, ok := c.Registry.Find(role)
	if !ok {
		t.Fatalf("the registry has no role %q", role)
	}
	sections := map[string]runner.Role{}
	for _, name := range append([]string{role}, entry.Reads...) {
		sections[name] = c.section(t, h, name)
	}
	problems := &Problems{}
	return runner.NewView(c.name(), c.peer(t, h, true), c.peers(t, true), sections, problems.add), problems
}

// Validate runs the role's Validate and returns what it reports.
func (c Cluster) Validate(t testing.TB, host, role string) *Problems {
	t.Helper()
	view, problems := c.View(t, host, role)
	c.Role(t, host, role).Validate(view)
	return problems
}

// Observer returns an observer of a machine.
func (c Cluster) Observer(t testing.TB, host, role string, r modules.Reader) *runner.Observer {
	t.Helper()
	view, _ := c.View(t, host, role)
	facts := c.host(t, host).Facts
	if facts.OS == "" {
		facts = runner.Facts{OS: "debian", Codename: "trixie", Version: "13", Arch: "amd64", Hostname: host, CPUs: 2, Memory: 4 << 30}
	}
	if len(facts.Addresses) == 0 {
		facts.Addresses = []netip.Addr{view.Host.Address}
	}
	return &runner.Observer{View: view, Reader: r, Facts: facts, Given: c.Given, LeftOut: c.LeftOut}
}

// Target returns a target whose steps are carried out on h (in check mode
// only looked at) and recorded.
func (c Cluster) Target(t testing.TB, host, role string, h modules.Host, check bool) (*runner.Target, *Steps) {
	t.Helper()
	patience := c.Patience
	if patience == 0 {
		patience = 2 * time.Second
	}
	steps := &Steps{host: h, check: check}
	reader := modules.Reader(h)
	if check {
		steps.preview = modules.NewPreview(h)
		reader = steps.preview
	}
	return runner.NewTarget(c.Observer(t, host, role, reader), steps, check, patience), steps
}

// Apply runs a role on a host and returns its steps.
func (c Cluster) Apply(t testing.TB, host, role string, h modules.Host, check bool) (*Steps, error) {
	t.Helper()
	target, steps := c.Target(t, host, role, h, check)
	return steps, c.Role(t, host, role).Apply(t.Context(), target)
}

// Action returns an action of a role as a host has it.
func (c Cluster) Action(t testing.TB, host, role, action string) runner.Action {
	t.Helper()
	actor, ok := c.Role(t, host, role).(runner.Actor)
	if !ok {
		t.Fatalf("role %s has no actions", role)
	}
	for _, a := range actor.Actions() {
		if a.Name == action {
			return a
		}
	}
	t.Fatalf("role %s has no action %q", role, action)
	return runner.Action{}
}

func (c Cluster) name() string {
	if c.Name == "" {
		return "main"
	}
	return c.Name
}

func (c Cluster) host(t testing.TB, name string) Host {
	t.Helper()
	for _, h := range c.Hosts {
		if h.Name == name {
			return h
		}
	}
	t.Fatalf("the inventory of the test has no host %q", name)
	return Host{}
}

func (c Cluster) peers(t testing.TB, published bool) []runner.Peer {
	t.Helper()
	peers := make([]runner.Peer, len(c.Hosts))
	for i, h := range c.Hosts {
		peers[i] = c.peer(t, h, published)
	}
	return peers
}

func (c Cluster) peer(t testing.TB, h Host, published bool) runner.Peer {
	t.Helper()
	address, err := netip.ParseAddr(h.Address)
	if err != nil {
		t.Fatalf("address of %s: %v", h.Name, err)
	}
	peer := runner.Peer{Name: h.Name, Address: address, Groups: h.Groups}
	if published {
		return peer.WithPublished(c.published(t, h))
	}
	return peer
}

// published is what the roles of a host tell others.
func (c Cluster) published(t testing.TB, h Host) map[string]json.RawMessage {
	t.Helper()
	all := map[string]json.RawMessage{}
	for _, entry := range c.Registry {
		publisher, ok := c.section(t, h, entry.Name).(runner.Publisher)
		if !ok {
			continue
		}
		sections := map[string]runner.Role{entry.Name: publisher.(runner.Role)}
		for _, name := range entry.Reads {
			sections[name] = c.section(t, h, name)
		}
		view := runner.NewView(c.name(), c.peer(t, h, false), c.peers(t, false), sections, nil)
		value := publisher.Publish(view)
		if value == nil {
			continue
		}
		raw, err := json.Marshal(value)
		if err != nil {
			t.Fatalf("what role %s publishes: %v", entry.Name, err)
		}
		all[entry.Name] = raw
	}
	return all
}

func (c Cluster) section(t testing.TB, h Host, role string) runner.Role {
	t.Helper()
	entry, ok := c.Registry.Find(role)
	if !ok {
		t.Fatalf("the registry has no role %q", role)
	}
	section := entry.New()
	if err := decode(h.Sections[role], section); err != nil {
		t.Fatalf("section %s of %s: %v", role, h.Name, err)
	}
	return section
}

// Problems is what a role reports about its section.
type Problems struct{ lines []string }

func (p *Problems) add(key, message string, warning bool) {
	kind := "problem"
	if warning {
		kind = "warning"
	}
	p.lines = append(p.lines, fmt.Sprintf("%s: %s: %s", kind, key, message))
}

// Lines returns "problem: key: message" and "warning: key: message".
func (p *Problems) Lines() []string { return p.lines }
