package control

import (
	"maps"

	"github.com/pgrun/pgrun/runner"
)

// event takes what a worker tells; host and play are the link's word.
func (r *run) event(host, play string, e runner.Event) {
	e.Host, e.Play = host, play
	e.OK, e.Check, e.Hosts = nil, nil, nil
	switch e.Event {
	case runner.EventStep, runner.EventStart, runner.EventNote, runner.EventReport:
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
		if e.Failure != nil && fromWorker(e.Failure.Kind) {
			kind = e.Failure.Kind
		}
		r.kinds[kind] = true
	}
}

// fromWorker says whether a kind is one that a worker may tell of.
func fromWorker(kind string) bool {
	switch kind {
	case runner.KindFailed, runner.KindRefused, runner.KindLocked, runner.KindInternal:
		return true
	default:
		return false
	}
}

func (r *run) emit(e runner.Event) {
	if r.operator.Report == nil {
		return
	}
	r.reporting.Lock()
	defer r.reporting.Unlock()
	r.operator.Report(e)
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
