package control

import (
	"slices"

	"github.com/pgrun/pgrun/playbooks"
	"github.com/pgrun/pgrun/runner"
)

// batches are the hosts that work at a time. Turns take all hosts: their order
// and their gates come from what all of them say.
func (r *run) batches(planned PlannedPlay, parts []part) [][]string {
	if slices.ContainsFunc(parts, func(p part) bool { return p.oneByOne }) {
		return [][]string{planned.Hosts}
	}
	var rest []string
	for _, l := range r.present(planned.Hosts) {
		rest = append(rest, l.host)
	}
	var batches [][]string
	for _, size := range planned.Play.Serial.Split(len(rest)) {
		batches = append(batches, rest[:size])
		rest = rest[size:]
	}
	return batches
}

// fatal ends the run where a play wants all its hosts and one has left.
func (r *run) fatal(planned PlannedPlay) bool {
	if !planned.Play.AnyErrorsFatal || r.isStopped() {
		return false
	}
	missing := r.missing(planned.Hosts)
	if len(missing) > 0 {
		r.end(planned.Play, "any_errors_fatal: "+list(missing)+" left the run")
	}
	return len(missing) > 0
}

// end stops the run and says why.
func (r *run) end(play playbooks.Play, why string) {
	r.emit(runner.Event{Event: runner.EventNote, Play: play.Name, Why: why})
	r.stop()
}
