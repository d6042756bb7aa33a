package control

import (
	"maps"

	"github.com/pgrun/pgrun/runner"
)

// event takes what a worker tells; host and play are the link's word.
func (r *run) event(host, play string, e runner.Event) {
	e.Host, e.Play = host, play
	e.OK, e.Check, e.Hosts, e.Failure = nil, nil, nil, believed(e.Failure)
	switch e.Event {
	case runner.EventStep, runner.EventStart, runner.EventNote, runner.EventWarning, runner.EventReport, runner.EventPlan:
	default:
		return // a worker says nothing else
	}
	r.mu.Lock()
	if e.Event == runner.EventStep {
		r.count(host, e)
	}
	r.mu.Unlock()
	r.emit(e)
}

func (r *run) count(host string, e runner.Event) {
	counts := r.counts[host]
	switch e.State {
	case runner.Changed:
		counts.Changed++
	case runner.Unchanged:
		counts.Unchanged++
	case runner.Skipped:
		counts.Skipped++
	case runner.Failed:
		counts.Failed++
		kind := runner.KindFailed
		if e.Failure != nil {
			kind = e.Failure.Kind
		}
		r.kinds[kind] = true
	}
}

// believed is a worker's failure with a kind that a worker may tell of.
func believed(f *runner.Failure) *runner.Failure {
	if f == nil || fromWorker(f.Kind) {
		return f
	}
	known := *f
	known.Kind = runner.KindFailed
	return &known
}

func fromWorker(kind string) bool {
	switch kind {
	case runner.KindFailed, runner.KindRefused, runner.KindLocked, runner.KindInternal:
		return true
	default:
		return false
	}
}

func (r *run) emit(e runner.Event) {
	r.reporting <- struct{}{}
	defer func() { <-r.reporting }()
	if r.operator.Report != nil && !r.over {
		r.operator.Report(e)
	}
}

// silence lets nobody report after the run's end: a connection that was cut may
// still hold events.
func (r *run) silence() {
	r.reporting <- struct{}{}
	defer func() { <-r.reporting }()
	r.over = true
}

func (r *run) summary() Summary {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := Summary{Hosts: map[string]runner.Counts{}, Check: r.options.Check, Kinds: maps.Clone(r.kinds)}
	for host, counts := range r.counts {
		s.Hosts[host] = *counts
	}
	return s
}

// Recap is the last event of a run.
func (s Summary) Recap() runner.Event {
	ok, check := s.OK(), s.Check
	return runner.Event{Event: runner.EventRecap, OK: &ok, Check: &check, Hosts: s.Hosts}
}
