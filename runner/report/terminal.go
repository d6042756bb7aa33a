package report

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/pgrun/pgrun/runner"
)

// redraw is the shortest time between two drawings of the screen.
const redraw = 100 * time.Millisecond

// Terminal draws a line for each host at work at the bottom, and what stays
// above them. size returns the terminal's columns and rows.
func Terminal(w io.Writer, size func() (columns, rows int), o Options) Reporter {
	t := newTerminal(w, size, o)
	t.ticker = time.NewTicker(redraw)
	go func() {
		for {
			select {
			case <-t.ticker.C:
				t.tick()
			case <-t.done:
				return
			}
		}
	}()
	return t
}

func newTerminal(w io.Writer, size func() (int, int), o Options) *terminal {
	o.columns = func() int {
		columns, _ := size()
		return columns
	}
	return &terminal{view: newView(o), size: size, w: w, done: make(chan struct{})}
}

type terminal struct {
	mu     sync.Mutex
	view   *view
	live   live
	size   func() (columns, rows int)
	w      io.Writer
	err    error
	ticker *time.Ticker
	done   chan struct{}
	closed bool

	pending strings.Builder // what stays, not drawn yet
	dirty   bool
	drawn   int       // lines at the bottom
	at      time.Time // of the last drawing
}

func (t *terminal) Event(e runner.Event) {
	t.mu.Lock()
	defer t.mu.Unlock()
	e = Clean(e)
	t.live.event(e, t.view.Now())
	t.pending.WriteString(t.view.event(e))
	t.dirty = true
}

// tick draws when something happened, and each second for the clocks.
func (t *terminal) tick() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed || !t.dirty && (len(t.live.order) == 0 || t.view.Now().Sub(t.at) < time.Second) {
		return
	}
	columns, rows := t.size()
	t.draw(t.bottom(columns, rows))
}

// draw replaces the lines at the bottom, in one write: erase them, print what
// stays, print the new ones. Wrapping is off for the latter, so that their
// number is known.
func (t *terminal) draw(bottom []string) {
	var b strings.Builder
	if t.drawn > 0 {
		fmt.Fprintf(&b, "\x1b[%dA", t.drawn)
	}
	b.WriteString("\r\x1b[J" + t.pending.String())
	if len(bottom) > 0 {
		b.WriteString("\x1b[?7l" + strings.Join(bottom, "\n") + "\n\x1b[?7h")
	}
	if _, err := io.WriteString(t.w, b.String()); err != nil && t.err == nil {
		t.err = fmt.Errorf("write the report: %w", err)
	}
	t.pending.Reset()
	t.drawn, t.dirty, t.at = len(bottom), false, t.view.Now()
}

// bottom is one line a host, of at most half the screen; running steps first.
func (t *terminal) bottom(columns, rows int) []string {
	var running, idle []string
	for _, host := range t.live.order {
		if t.live.at[host].since.IsZero() {
			idle = append(idle, host)
		} else {
			running = append(running, host)
		}
	}
	hosts := append(running, idle...)
	shown := len(hosts)
	if limit := max(1, rows/2); shown > limit {
		shown = limit - 1
	}
	lines := make([]string, 0, shown+1)
	for _, host := range hosts[:shown] {
		lines = append(lines, t.liveLine(host, t.live.at[host], columns))
	}
	if more := len(hosts) - shown; more > 0 {
		lines = append(lines, t.view.paint(dim, "  ... and "+count(more, "more host")))
	}
	return lines
}

// liveLine cuts a line in the middle column, so that the clock is always seen.
func (t *terminal) liveLine(host string, d doing, columns int) string {
	most := min(30, columns/2)
	left := "  " + pad(cut(host, most), min(t.view.indent, most)) + "  "
	room := columns - width(left) - 1
	if d.since.IsZero() {
		return t.view.paint(dim, left+cut(d.what, room))
	}
	clock := seconds(t.view.Now().Sub(d.since))
	room -= len(clock) + 2
	return t.view.paint(bold, left) + pad(cut(d.what, room), room) + "  " + clock
}

func (t *terminal) Close() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return t.err
	}
	t.draw(nil)
	if t.ticker != nil {
		t.ticker.Stop()
		close(t.done)
	}
	t.closed = true
	return t.err
}
