package control

import (
	"context"
	"errors"
	"slices"

	"github.com/pgrun/pgrun/config"
	"github.com/pgrun/pgrun/inventory"
	"github.com/pgrun/pgrun/playbooks"
	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/ssh"
	"github.com/pgrun/pgrun/runner/wire"
)

// Plan is a run that has been thought through, before any host is contacted.
type Plan struct {
	Plays []PlannedPlay
	Hosts []string // all of the run, in the inventory's order

	options Options
	fleet   *fleet
	setups  map[string]wire.Setup
	links   map[string]inventory.Connection
	given   map[string]string // variables of -e, for actions
	departs string            // the host that leaves the cluster by this run; "": none
}

// PlannedPlay is a play with what tags and limit left of it.
type PlannedPlay struct {
	Play  playbooks.Play
	Hosts []string
}

// Prepare finds every problem of the inventory and playbook. Its error is that
// of Options.Problems.
func Prepare(ctx context.Context, o Options) (*Plan, error) {
	p := &Plan{options: o, setups: map[string]wire.Setup{}, links: map[string]inventory.Connection{}}
	checkPlaybook(o)
	p.takeGiven()
	p.fleet = resolve(o.Inventory, o.Registry, o.Problems)
	allowed := p.allowed()
	for _, play := range o.Playbook.Plays {
		play = play.Select(o.Tags, o.SkipTags)
		if len(play.Roles) > 0 {
			planned := PlannedPlay{Play: play, Hosts: p.hostsOf(play, allowed)}
			p.Plays = append(p.Plays, planned)
			p.checkGroups(planned)
		}
	}
	p.validate()
	p.validateGiven()
	p.checkConnections()
	if err := o.Problems.Err(); err != nil {
		return nil, err
	}
	if len(p.Hosts) == 0 {
		p.nobody(allowed)
		return nil, o.Problems.Err()
	}
	if o.ListOnly {
		return p, nil
	}
	for _, name := range p.Hosts {
		p.setup(ctx, p.fleet.byName[name])
	}
	return p, o.Problems.Err()
}

// allowed are the hosts that the run may touch at all.
func (p *Plan) allowed() []string {
	o := p.options
	pattern := o.Limit
	if pattern == "" {
		pattern = "all"
	}
	hosts, err := o.Inventory.Limit(pattern)
	if err != nil {
		o.Problems.Add(config.Pos{}, "--limit", "%v", err)
		return nil
	}
	if !o.Local {
		return names(hosts)
	}
	self, err := identify(p.fleet, o.As)
	if err != nil {
		o.Problems.Add(config.Pos{}, "--local", "%v", err)
		return nil
	}
	if !slices.Contains(names(hosts), self) {
		return nil
	}
	return []string{self}
}

func (p *Plan) hostsOf(play playbooks.Play, allowed []string) []string {
	hosts, err := p.options.Inventory.Match(play.Hosts)
	if err != nil {
		if play.Hosts != "" { // else it was told
			p.options.Problems.Missing(play.HostsPos, "hosts", "%v", err)
		}
		return nil
	}
	kept := slices.DeleteFunc(names(hosts), func(name string) bool { return !slices.Contains(allowed, name) })
	for _, host := range p.options.Inventory.Hosts {
		if slices.Contains(kept, host.Name) && !slices.Contains(p.Hosts, host.Name) {
			p.Hosts = append(p.Hosts, host.Name)
		}
	}
	return kept
}

// validate asks the role of every section that a host gets: also of those that
// others only read, and of the one that names the cluster, for that stands in
// paths. In a cluster with a host that has no address most of what roles say
// would follow from that, and so in an inventory of which parts were not read.
func (p *Plan) validate() {
	for _, name := range p.Hosts {
		m := p.fleet.byName[name]
		if p.fleet.lost[m.cluster] || p.options.Inventory.Broken() {
			continue
		}
		for _, role := range p.sectionsFor(m) {
			if section, ok := m.roles[role]; ok {
				section.Validate(p.fleet.view(m, role))
			}
		}
	}
}

// checkConnections asks the transport about every host of the run. A problem
// of a variable is at the variable, and told once for all hosts that share it.
func (p *Plan) checkConnections() {
	o := p.options
	v, ok := o.Transport.(Validator)
	if !ok || o.Local {
		return
	}
	var told config.Problems // with the inventory's
	for _, name := range p.Hosts {
		host := p.fleet.byName[name].host
		err := v.Validate(o.Inventory.Connection(host, &told), name)
		var variable *ssh.VariableError
		switch {
		case errors.As(err, &variable):
			pos, written := o.Inventory.WhereSet(host, variable.Variable)
			o.Problems.Add(pos, written, "%v", variable.Err)
		case err != nil:
			o.Problems.Add(host.Pos(), "", "%v", err)
		}
	}
}

// setup makes what is sent to a host; secrets are read here, once, and only
// those of sections that leave.
func (p *Plan) setup(ctx context.Context, m *member) {
	o := p.options
	setup := wire.Setup{
		Host: m.host.Name, Cluster: m.cluster, Owner: owner(o.Playbook.Path),
		Sections: map[string]string{}, Check: o.Check, Wait: o.Local, Patience: o.Patience, Given: p.given, LeftOut: p.leftOut(m),
	}
	for _, role := range p.sectionsFor(m) {
		section := m.host.Section(role)
		if section == nil {
			setup.Sections[role] = ""
			continue
		}
		clear, err := o.Inventory.Files.Resolve(ctx, section, role)
		if err == nil {
			setup.Sections[role], err = config.Encode(clear)
		}
		o.Problems.Absorb(err)
		if err == nil {
			p.fleet.validateSecrets(m, role, clear)
		}
	}
	if !fits(&setup) {
		o.Problems.Add(m.host.Pos(), "", "the sections of %s are more than 1 MiB together, which is the most that a host is told", m.host.Name)
	}
	p.setups[m.host.Name] = setup
	connection, err := o.Inventory.ResolveConnection(ctx, m.host)
	o.Problems.Absorb(err)
	p.links[m.host.Name] = connection
}

// sectionsFor names the sections that a host gets: of its roles, of what they
// read, of the one that names the cluster, and of the role that keeps its turn.
func (p *Plan) sectionsFor(m *member) []string {
	var list []string
	add := func(role string) {
		if !slices.Contains(list, role) {
			list = append(list, role)
		}
	}
	for _, planned := range p.Plays {
		if !slices.Contains(planned.Hosts, m.host.Name) {
			continue
		}
		for _, entry := range planned.Play.Roles {
			add(entry.Role)
		}
	}
	for _, entry := range p.options.Registry {
		if _, ok := m.roles[entry.Name].(runner.TurnKeeper); ok || entry.Name == clusterRole {
			add(entry.Name)
		}
	}
	for _, role := range slices.Clone(list) {
		entry, _ := p.options.Registry.Find(role)
		for _, other := range entry.Reads {
			add(other)
		}
	}
	return list
}

func names(hosts []*inventory.Host) []string {
	list := make([]string, len(hosts))
	for i, host := range hosts {
		list[i] = host.Name
	}
	return list
}
