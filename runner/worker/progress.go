package worker

import (
	"sync"
	"time"

	"github.com/pgrun/pgrun/runner/wire"
)

// How long what is not a change may take.
const (
	// look bounds a check, and a question whether an action is due or may begin.
	look = time.Minute
	// between is for what a role does between its steps: a few questions.
	between = 10 * time.Minute
	// queue is for the cluster's turn, which is waited for by its keeper.
	queue = 35 * time.Minute
)

// progress is what the worker does at this moment, and until when it must have
// ended. The controller is told with every reply: a worker that answers pings
// while its work hangs in a disk that does not answer must not hold the run.
type progress struct {
	mu    sync.Mutex
	step  int64
	until time.Time
	idle  bool
}

// begin tells that something begins which may take so long. When it has ended
// the role's own code goes on: end tells that.
func (p *progress) begin(limit time.Duration) (end func()) {
	p.set(limit, false)
	return func() { p.set(between, false) }
}

// rest tells that nothing is asked of the worker.
func (p *progress) rest() { p.set(0, true) }

func (p *progress) set(limit time.Duration, idle bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.step++
	p.until, p.idle = time.Now().Add(limit), idle
}

// stamp writes it into a reply.
func (p *progress) stamp(r *wire.Reply) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.idle || p.step == 0 {
		return
	}
	r.Step, r.Left = p.step, max(0, time.Until(p.until))
}
