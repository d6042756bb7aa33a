package control

import (
	"context"
	"sync"

	"github.com/pgrun/pgrun/runner"
)

// connect opens all hosts of the run at once. A lock that another run holds
// ends this one before it has changed anything anywhere.
func (r *run) connect() {
	var group sync.WaitGroup
	for _, host := range r.plan.Hosts {
		group.Go(func() {
			r.emit(runner.Event{Event: runner.EventStart, Host: host, Step: "connect"})
			l, err := r.open(r.connecting, host)
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
				l.stop()
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
	here := r.options.Local || connection.Local
	transport := r.options.Transport
	if here {
		transport = inProcess{registry: r.options.Registry}
	}
	stream, err := transport.Open(ctx, connection, host)
	if err != nil {
		return nil, err
	}
	l := newLink(host, stream, r.event)
	if here {
		r.mu.Lock()
		r.here = append(r.here, l)
		r.mu.Unlock()
	}
	if err := l.set(ctx, r.plan.peers(host), r.plan.setups[host]); err != nil {
		l.cut(err)
		return nil, err
	}
	return l, nil
}
