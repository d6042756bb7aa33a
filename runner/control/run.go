package control

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/pgrun/pgrun/runner"
)

// abandon is how long a run may take to end after ctx has ended.
const abandon = 5 * time.Second

// run is a run under way.
type run struct {
	plan     *Plan
	options  Options
	operator Operator

	mu      sync.Mutex
	links   map[string]*link // of the hosts that are still in the run
	here    []*link          // whose workers are in this process
	counts  map[string]*runner.Counts
	kinds   map[string]bool
	stopped bool
	gone    bool // the host that leaves the cluster cannot be reached

	connecting context.Context // ends when the run is stopped
	giveUp     context.CancelFunc

	reporting chan struct{} // Operator.Report is called by one goroutine at a time
	over      bool          // nothing is reported any more
}

// Run carries a plan out. When ctx ends, connections are cut at once: workers
// end the step in flight and no more. A worker in this process is waited for:
// its end would cut the step off.
func Run(ctx context.Context, plan *Plan, operator Operator) Summary {
	r := &run{
		plan: plan, options: plan.options, operator: operator, reporting: make(chan struct{}, 1),
		links: map[string]*link{}, counts: map[string]*runner.Counts{}, kinds: map[string]bool{},
	}
	r.connecting, r.giveUp = context.WithCancel(ctx)
	defer r.giveUp()
	for _, host := range plan.Hosts {
		r.counts[host] = &runner.Counts{}
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		r.carryOut(ctx)
	}()
	r.watch(ctx, ended)
	r.silence()
	return r.summary()
}

func (r *run) carryOut(ctx context.Context) {
	r.connect()
	for _, planned := range r.plan.Plays {
		if r.isStopped() {
			break
		}
		r.play(ctx, planned)
	}
	r.each(r.present(r.plan.Hosts), (*link).end)
}

// watch hears the operator's stop, and returns when the run has ended or was
// given up.
func (r *run) watch(ctx context.Context, ended <-chan struct{}) {
	select {
	case <-ended:
		return
	case <-ctx.Done():
	case <-r.operator.Stop:
	}
	r.interrupt()
	select {
	case <-ended:
		return
	case <-ctx.Done():
	}
	select {
	case <-ended:
		return
	case <-time.After(abandon):
	}
	r.mu.Lock()
	here := slices.Clone(r.here)
	r.mu.Unlock()
	r.each(here, func(l *link) { l.cut(context.Cause(ctx)) })
}

func (r *run) interrupt() {
	r.mu.Lock()
	r.kinds[runner.KindInterrupted] = true
	r.mu.Unlock()
	r.stop()
}

// stop lets every worker end its step in flight and begin no other.
func (r *run) stop() {
	r.giveUp()
	r.mu.Lock()
	r.stopped = true
	links := slices.Collect(maps.Values(r.links))
	r.mu.Unlock()
	for _, l := range links {
		// A host that takes no bytes must not keep the others from hearing it.
		go l.stop()
	}
}

func (r *run) isStopped() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stopped
}

// drop takes a host out of the run and says why.
func (r *run) drop(host, play string, err error) {
	failure := failureOf(err)
	r.mu.Lock()
	l := r.links[host]
	if failure.Kind == runner.KindUnreachable && host == r.plan.departs && l == nil {
		r.mu.Unlock()
		r.departed(host, failure)
		return
	}
	delete(r.links, host)
	r.kinds[failure.Kind] = true
	switch failure.Kind {
	case runner.KindInterrupted:
	case runner.KindUnreachable:
		r.counts[host].Unreachable = true
	default:
		r.counts[host].Failed++
	}
	r.mu.Unlock()
	if l != nil {
		l.cut(err)
	}
	if failure.Kind != runner.KindInterrupted {
		r.emit(runner.Event{Event: runner.EventHost, Host: host, Play: play, State: runner.Failed, Failure: failure})
	}
}

func failureOf(err error) *runner.Failure {
	var told *workerFailure
	if errors.As(err, &told) {
		return believed(told.failure)
	}
	failure := &runner.Failure{Kind: runner.KindFailed, Error: err.Error()}
	var known *runner.FailureError
	switch {
	case errors.As(err, &known):
		failure.Kind, failure.Hint = known.Kind, known.Hint
	case errors.Is(err, context.Canceled):
		failure.Kind = runner.KindInterrupted
	}
	return failure
}
