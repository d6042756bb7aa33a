package control

import (
	"slices"

	"github.com/pgrun/pgrun/playbooks"
	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/wire"
)

// postponed says whether restarts are left for another time: by --no-restart,
// or because the inventory says so. A playbook of nothing but actions is the
// operator's own word for them.
func (r *run) postponed(p part, hosts []string) bool {
	return p.restarts && (r.options.NoRestart || r.applies() && slices.ContainsFunc(hosts, r.postpones))
}

func (r *run) applies() bool {
	return slices.ContainsFunc(r.plan.Plays, func(planned PlannedPlay) bool {
		return slices.ContainsFunc(planned.Play.Roles, func(e playbooks.RoleEntry) bool { return e.Action == "" })
	})
}

func (r *run) postpones(host string) bool {
	for _, role := range r.plan.fleet.byName[host].roles {
		if p, ok := role.(runner.Postponer); ok && p.PostponesRestarts() {
			return true
		}
	}
	return false
}

// leave tells which restarts are due and were not made.
func (r *run) leave(due []candidate, play playbooks.Play, p part) {
	for _, c := range due {
		r.emit(runner.Event{
			Event: runner.EventDue, Host: c.link.host, Play: play.Name, Role: p.action.Role, Action: p.action.Name, Why: c.why,
		})
	}
}

// refusedBefore tells the refusals of all hosts before the first of them acts:
// a gate that closes midway would leave some of them done and some not.
func (r *run) refusedBefore(due []candidate, play playbooks.Play, p part) bool {
	refused := false
	for _, c := range due {
		if c.refused == nil {
			continue
		}
		refused = true
		r.event(c.link.host, play.Name, runner.Event{
			Event: runner.EventStep, Role: p.action.Role, Action: p.action.Name, Step: p.action.Name, State: runner.Failed, Failure: c.refused,
		})
	}
	return refused
}

// Preview is the plan as a check: what it would do, and nothing done.
func (p *Plan) Preview() *Plan {
	preview := *p
	preview.options.Check = true
	preview.setups = map[string]wire.Setup{}
	for host, setup := range p.setups {
		setup.Check = true
		preview.setups[host] = setup
	}
	return &preview
}
