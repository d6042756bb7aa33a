package control

import (
	"errors"
	"fmt"
	"sync"
	"time"
)

const (
	// grace is how much later than its own deadline a step may end.
	grace = time.Minute
	// longest is the most that a step may claim for itself: apt has 35 minutes.
	longest = 2 * time.Hour
	// whole is the most that a worker may take for all that it is asked at once.
	whole = 24 * time.Hour
	// wrapUp is what a worker may take after the step in flight when it was
	// stopped: to give the turn back, say.
	wrapUp = 2 * time.Minute
)

// errOverdue is a worker that lives and does not go on.
var errOverdue = errors.New("its work stands still")

// progress bounds how long a worker may take for a request. Each step has the
// deadline that the worker tells for it; what a hostile one may claim is
// bounded too.
type progress struct {
	mu      sync.Mutex
	step    int64
	due     time.Time // when the step must have ended; zero: nothing is asked of the worker
	end     time.Time // when all must have ended
	stopped bool      // what begins now must end soon
}

// begin is a request that leaves.
func (p *progress) begin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	p.step, p.due, p.end = 0, now.Add(silence+grace), now.Add(whole)
}

// done is a request that was answered.
func (p *progress) done() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.due = time.Time{}
}

// stop is the operator's: the step in flight ends, and no other counts.
func (p *progress) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopped = true
}

// told takes what a worker says of itself; an error when it is late.
func (p *progress) told(step int64, left time.Duration) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.due.IsZero() {
		return nil
	}
	now := time.Now()
	if step != 0 && step != p.step {
		p.step, p.due = step, now.Add(min(max(left, 0), longest)+grace)
	}
	if end := p.due.Add(wrapUp); p.stopped && step != 0 && end.Before(p.end) {
		p.end, p.stopped = end, false
	}
	switch {
	case now.After(p.end):
		return fmt.Errorf("%w: it was to end %s ago", errOverdue, now.Sub(p.end).Round(time.Second))
	case now.After(p.due):
		return fmt.Errorf("%w: its step was to end %s ago by its own deadline (a disk or a network file system that does not answer?)",
			errOverdue, now.Sub(p.due.Add(-grace)).Round(time.Second))
	}
	return nil
}

// wait leaves the time out in which the operator was told something: whoever is
// told may take his time.
func (p *progress) wait(since time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.due.IsZero() {
		return
	}
	waited := time.Since(since)
	p.due, p.end = p.due.Add(waited), p.end.Add(waited)
}
