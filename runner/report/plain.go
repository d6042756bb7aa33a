package report

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/pgrun/pgrun/runner"
)

// heartbeat is how often a step that takes long says that it lives.
const heartbeat = 10 * time.Second

// Plain writes lines, for logs and pipes.
func Plain(w io.Writer, o Options) Reporter {
	p := newPlain(w, o)
	p.ticker = time.NewTicker(time.Second)
	go func() {
		for {
			select {
			case <-p.ticker.C:
				p.beat()
			case <-p.done:
				return
			}
		}
	}()
	return p
}

func newPlain(w io.Writer, o Options) *plainView {
	return &plainView{view: newView(o), w: w, done: make(chan struct{})}
}

type plainView struct {
	mu     sync.Mutex
	view   *view
	live   live
	w      io.Writer
	err    error
	ticker *time.Ticker
	done   chan struct{}
	closed bool
}

func (p *plainView) Event(e runner.Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	e = Clean(e)
	p.live.event(e, p.view.Now())
	p.write(p.view.event(e))
}

// beat says of each step that takes long that it lives.
func (p *plainView) beat() {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.view.Now()
	for _, host := range p.live.order {
		d := p.live.at[host]
		if d.since.IsZero() || now.Sub(d.told) < heartbeat {
			continue
		}
		d.told = now
		p.live.at[host] = d
		p.write(p.view.row("running", dim, host, d.what, seconds(now.Sub(d.since))))
	}
}

func (p *plainView) write(text string) {
	if text == "" || p.closed {
		return
	}
	if _, err := io.WriteString(p.w, text); err != nil && p.err == nil {
		p.err = fmt.Errorf("write the report: %w", err)
	}
}

func (p *plainView) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ticker != nil && !p.closed {
		p.ticker.Stop()
		close(p.done)
	}
	p.closed = true
	return p.err
}
