package control

import (
	"context"
	"errors"
	"sync"

	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/wire"
)

// run is a run under way.
type run struct {
	plan     *Plan
	options  Options
	operator Operator

	mu      sync.Mutex
	links   map[string]*link // of the hosts that are still in the run
	counts  map[string]*runner.Counts
	kinds   map[string]bool
	stopped bool

	reporting sync.Mutex // Operator.Report is called by one goroutine at a time
}

// Run carries a plan out. When ctx ends, connections are cut at once: workers
// end the step in flight and no more.
func Run(ctx context.Context, plan *Plan, operator Operator) Summary {
	r := &run{
		plan: plan, options: plan.options, operator: operator,
		links: map[string]*link{}, counts: map[string]*runner.Counts{}, kinds: map[string]bool{},
	}
	for _, host := range plan.Hosts {
		r.counts[host] = &runner.Counts{}
	}
	finished := make(chan struct{})
	defer close(finished)
	go r.watch(ctx, finished)

	r.connect(ctx)
	for _, planned := range plan.Plays {
		if r.isStopped() {
			break
		}
		r.play(ctx, planned)
	}
	r.each(r.present(plan.Hosts), (*link).end)
	return r.summary()
}

// watch hears the operator's stop.
func (r *run) watch(ctx context.Context, finished <-chan struct{}) {
	select {
	case <-finished:
		return
	case <-ctx.Done():
	case <-r.operator.Stop:
	}
	r.mu.Lock()
	r.kinds[runner.KindInterrupted] = true
	r.mu.Unlock()
	r.stop()
}

// stop lets every worker end its step in flight and begin no other.
func (r *run) stop() {
	r.mu.Lock()
	r.stopped = true
	links := make([]*link, 0, len(r.links))
	for _, l := range r.links {
		links = append(links, l)
	}
	r.mu.Unlock()
	for _, l := range links {
		// A host that takes no bytes must not keep the others from hearing it;
		// a lost one stops by itself.
		go func() { _ = l.conn.Send(wire.Request{Stop: true}) }()
	}
}

func (r *run) isStopped() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stopped
}

// connect opens all hosts of the run at once. A lock that another run holds
// ends this one before it has changed anything anywhere.
func (r *run) connect(ctx context.Context) {
	var group sync.WaitGroup
	for _, host := range r.plan.Hosts {
		group.Go(func() {
			r.emit(runner.Event{Event: runner.EventStart, Host: host, Step: "connect"})
			l, err := r.open(ctx, host)
			if err != nil {
				r.drop(host, "", err)
				return
			}
			r.mu.Lock()
			r.links[host] = l
			stopped := r.stopped
			r.mu.Unlock()
			r.emit(runner.Event{Event: runner.EventHost, Host: host, Why: "connected"})
			if stopped {
				_ = l.conn.Send(wire.Request{Stop: true})
			}
		})
	}
	group.Wait()
	r.mu.Lock()
	held := r.kinds[runner.KindLocked]
	r.mu.Unlock()
	if held {
		r.stop()
	}
}

func (r *run) open(ctx context.Context, host string) (*link, error) {
	connection := r.plan.links[host]
	transport := r.options.Transport
	if r.options.Local || connection.Local {
		transport = inProcess{registry: r.options.Registry}
	}
	stream, err := transport.Open(ctx, connection, host)
	if err != nil {
		return nil, err
	}
	l := newLink(host, stream, r.event)
	if err := l.set(ctx, r.plan.peers(host), r.plan.setups[host]); err != nil {
		_ = stream.Close()
		return nil, err
	}
	return l, nil
}

// drop takes a host out of the run and says why.
func (r *run) drop(host, play string, err error) {
	failure := failureOf(err)
	r.mu.Lock()
	l := r.links[host]
	delete(r.links, host)
	r.kinds[failure.Kind] = true
	if failure.Kind == runner.KindUnreachable {
		r.counts[host].Unreachable = true
	}
	r.mu.Unlock()
	if l != nil {
		_ = l.stream.Close()
	}
	if failure.Kind != runner.KindInterrupted {
		r.emit(runner.Event{Event: runner.EventHost, Host: host, Play: play, State: runner.Failed, Failure: failure})
	}
}

func failureOf(err error) *runner.Failure {
	var told *workerFailure
	if errors.As(err, &told) {
		return told.failure
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
