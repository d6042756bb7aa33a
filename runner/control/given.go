package control

import (
	"slices"

	"github.com/pgrun/pgrun/config"
	"github.com/pgrun/pgrun/runner"
)

// takeGiven takes the variables of -e that the actions of the playbook read
// away from the hosts, where they would be unknown, and reports those that are
// missing.
func (p *Plan) takeGiven() {
	o := p.options
	p.given = map[string]string{}
	seen := map[string]bool{}
	for _, play := range o.Playbook.Plays {
		for _, entry := range play.Roles {
			action, _ := findAction(o.Registry, entry)
			for _, v := range action.Takes {
				if !seen[v.Name] && (v.Required || slices.Contains(entry.With, v.Name)) {
					seen[v.Name] = true
					p.take(v)
				}
			}
		}
	}
}

func (p *Plan) take(v runner.Variable) {
	o := p.options
	value, given := o.Inventory.TakeExtra(v.Name, o.Problems)
	switch {
	case value != "":
		p.given[v.Name] = value
	case given:
		o.Problems.Add(config.Pos{File: "-e"}, v.Name, "is empty: write %s", v.What)
	case v.Required && !o.ListOnly:
		o.Problems.Add(config.Pos{File: "-e"}, v.Name, "is missing: write -e %s=NAME with %s", v.Name, v.What)
	}
	if v.Departs {
		p.departs = value
		if value != "" && (o.Limit != "" || o.Local) {
			o.Problems.Add(config.Pos{File: "-e"}, v.Name, "takes a host out of the cluster, which the hosts that stay must see to: leave out --limit and --local")
		}
	}
}

// validateGiven lets the actions judge what they are given, for every host of
// their plays. What is wrong for several hosts is told once.
func (p *Plan) validateGiven() {
	told := map[string]bool{}
	for _, planned := range p.Plays {
		for _, entry := range planned.Play.Roles {
			action, _ := findAction(p.options.Registry, entry)
			for _, v := range action.Takes {
				value, given := p.given[v.Name]
				if !given || v.Valid == nil {
					continue
				}
				for _, host := range planned.Hosts {
					err := v.Valid(p.fleet.view(p.fleet.byName[host], entry.Role), value)
					if err != nil && !told[err.Error()] {
						told[err.Error()] = true
						p.options.Problems.Add(config.Pos{File: "-e"}, v.Name, "%v", err)
					}
				}
			}
		}
	}
}

// departed takes a host out of the run that leaves the cluster and cannot be
// reached from the beginning: that is what many are removed for.
func (r *run) departed(host string, failure *runner.Failure) {
	r.mu.Lock()
	r.gone = true
	r.mu.Unlock()
	r.emit(runner.Event{
		Event: runner.EventNote, Host: host,
		Why: "cannot be reached (" + failure.Error + "): its services are not stopped by this run",
	})
}

// mayLack says whether a play goes on without a host.
func (r *run) mayLack(host string) bool { return r.gone && host == r.plan.departs }

// leftOut are the hosts of a host's cluster that --limit keeps out of the run.
// On a host of its own (--local) a run is about that host alone.
func (p *Plan) leftOut(m *member) []string {
	if p.options.Limit == "" || p.options.Local {
		return nil
	}
	var out []string
	for _, other := range p.fleet.members {
		if other.cluster == m.cluster && !slices.Contains(p.Hosts, other.host.Name) {
			out = append(out, other.host.Name)
		}
	}
	return out
}
