package ssh

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"golang.org/x/crypto/ssh"
)

// jumpHosts are the connections to jump hosts, one per way, shared by all hosts
// behind it.
type jumpHosts struct {
	mu     sync.Mutex
	closed bool
	open   map[string]*jump
}

type jump struct {
	ready  chan struct{}
	client *ssh.Client
	err    error
}

// through returns the connection that leads to a host, nil for a direct one,
// and the name of the sshd whose patience each login costs.
func (d *Dialer) through(ctx context.Context, t *target) (*ssh.Client, string, error) {
	if len(t.via) == 0 {
		return nil, t.address(), nil
	}
	last := *t.via[len(t.via)-1]
	last.via = t.via[:len(t.via)-1]
	var way []string
	for _, hop := range t.via {
		way = append(way, hop.String())
	}
	client, err := d.jumpHost(ctx, strings.Join(way, " "), &last)
	if err != nil {
		var typed *Error
		if errors.As(err, &typed) && !strings.HasPrefix(typed.Error(), "jump host") {
			err = &Error{Reason: typed.Reason, Hint: typed.Hint, Err: fmt.Errorf("jump host %s: %w", last.alias, typed.Err)}
		}
		return nil, "", err
	}
	return client, "through " + last.address(), nil
}

// jumpHost returns the shared connection, and opens it when there is none. Who
// asks first opens it for all, so his own cancellation does not end it.
func (d *Dialer) jumpHost(ctx context.Context, way string, t *target) (*ssh.Client, error) {
	j := d.jumpHosts.get(way, func(j *jump) {
		j.client, j.err = d.connect(context.WithoutCancel(ctx), t)
	})
	select {
	case <-j.ready:
		return j.client, j.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (p *jumpHosts) get(way string, open func(*jump)) *jump {
	p.mu.Lock()
	defer p.mu.Unlock()
	if found, ok := p.open[way]; ok {
		return found
	}
	if p.open == nil {
		p.open = map[string]*jump{}
	}
	j := &jump{ready: make(chan struct{})}
	p.open[way] = j
	go func() {
		open(j)
		close(j.ready)
		if j.err == nil {
			if p.isClosed() {
				j.client.Close()
			}
			_ = j.client.Wait()
		}
		p.forget(way, j)
	}()
	return j
}

// forget lets the next one open the way anew.
func (p *jumpHosts) forget(way string, j *jump) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open[way] == j {
		delete(p.open, way)
	}
}

func (p *jumpHosts) isClosed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.closed
}

func (p *jumpHosts) close() {
	p.mu.Lock()
	p.closed = true
	var list []*jump
	for _, j := range p.open {
		list = append(list, j)
	}
	p.mu.Unlock()
	for _, j := range list {
		select {
		case <-j.ready:
			if j.client != nil {
				j.client.Close()
			}
		default: // closes itself when it is open
		}
	}
}
