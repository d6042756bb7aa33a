package patroni

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// turn is what happens to clients while a member has its turn.
type turn struct {
	*probe
	longest   time.Duration // between two writes through one endpoint
	unwatched []string      // endpoints that took no writes before
	successor string        // the member that took over
}

func (r *Role) turn(t *runner.Target) *turn { return &turn{probe: r.probe(t)} }

// report tells what was done and how long writes were out.
func (u *turn) report(t *runner.Target, done string) {
	if t.Check {
		return
	}
	if u.successor != "" {
		done += ", after a switchover to " + u.successor
	}
	if len(u.unwatched) > 0 {
		done += " (writes were not watched through " + strings.Join(u.unwatched, ", ") + ")"
	}
	t.Report(done, u.longest)
}

// watched is a module during whose change writes go on through every balancer.
// The change is done when they all take writes again.
func (u *turn) watched(m modules.Module) modules.Module {
	return watched{m, u}
}

type watched struct {
	modules.Module
	turn *turn
}

// Check is the module's.
func (w watched) Check(ctx context.Context, r modules.Reader) (*modules.Change, error) {
	change, err := w.Module.Check(ctx, r)
	if err != nil || change == nil {
		return nil, err
	}
	apply := change.Apply
	change.Deadline += flowDeadline
	change.Apply = func(ctx context.Context, h modules.Host) error {
		return w.turn.during(ctx, h, func() error { return apply(ctx, h) })
	}
	return change, nil
}

func (u *turn) during(ctx context.Context, h modules.Host, do func() error) error {
	logOut, err := u.logIn(ctx, h)
	if err != nil {
		return err
	}
	defer logOut()
	closed := u.writable(ctx, h)
	u.unwatched = sortedNames(closed)

	writing, stop := context.WithCancel(ctx)
	var group sync.WaitGroup
	var streams []*stream
	for _, e := range u.endpoints {
		if closed[e.name] != nil {
			continue
		}
		s := &stream{endpoint: e, last: time.Now()}
		streams = append(streams, s)
		group.Go(func() { s.run(writing, func() error { return u.write(writing, h, e) }) })
	}
	if err = do(); err == nil {
		err = flow(ctx, streams)
	}
	stop()
	group.Wait()
	for _, s := range streams {
		u.longest = max(u.longest, s.longest)
	}
	return err
}

// stream are the writes through one endpoint.
type stream struct {
	endpoint
	mu      sync.Mutex
	began   time.Time // the last write that was acknowledged began
	last    time.Time // and was acknowledged
	longest time.Duration
	err     error // of the last attempt
}

func (s *stream) run(ctx context.Context, write func() error) {
	for {
		began := time.Now()
		err := write()
		if ctx.Err() != nil {
			return
		}
		s.note(began, time.Now(), err)
		if pause(ctx, probePause) != nil {
			return
		}
	}
}

func (s *stream) note(began, ended time.Time, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err = err; err == nil {
		s.longest = max(s.longest, ended.Sub(s.last))
		s.began, s.last = began, ended
	}
}

// state is since when a write began that was acknowledged, and the last error.
func (s *stream) state() (time.Time, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.began, s.err
}

// flow waits until each stream has had a write that began after now.
func flow(ctx context.Context, streams []*stream) error {
	now := time.Now()
	late, cancel := context.WithTimeout(ctx, flowDeadline)
	defer cancel()
	for _, s := range streams {
		for {
			began, err := s.state()
			if began.After(now) {
				break
			}
			if pause(late, probePause) != nil {
				return modules.Hint(fmt.Errorf("for %s nobody could write through %s: %w", time.Since(now).Round(time.Second), s.name, err),
					"see the statistics page of HAProxy on %s and `patronictl list`", s.name)
			}
		}
	}
	return nil
}
