package report

import (
	"errors"
	"sync"

	"github.com/pgrun/pgrun/runner"
)

// Reporter reads the events of a run in order. Close ends the output and
// returns what went wrong with writing it. Both may be called from any goroutine.
type Reporter interface {
	Event(e runner.Event)
	Close() error
}

// Multi hands every event to several reporters, in one order for all. The recap
// is the last one: what comes late is dropped.
func Multi(reporters ...Reporter) Reporter { return &multi{reporters: reporters} }

type multi struct {
	mu        sync.Mutex
	reporters []Reporter
	ended     bool
}

func (m *multi) Event(e runner.Event) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.ended {
		return
	}
	m.ended = e.Event == runner.EventRecap
	for _, r := range m.reporters {
		r.Event(e)
	}
}

func (m *multi) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []error
	for _, r := range m.reporters {
		all = append(all, r.Close())
	}
	return errors.Join(all...)
}
