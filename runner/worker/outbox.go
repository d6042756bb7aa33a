package worker

import (
	"sync"
	"time"

	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/wire"
)

// drain is how long the last replies may take to leave.
const drain = 5 * time.Second

// hold is how long a reply that can wait does so. Nobody reads faster.
const hold = 50 * time.Millisecond

// outbox sends replies from a goroutine of its own, so that a connection that
// takes no more bytes cannot hold up the step in flight.
type outbox struct {
	conn    *wire.Conn[wire.Reply, wire.Request]
	doing   *progress
	replies chan wire.Reply
	gone    chan struct{}
	once    sync.Once
	closing chan struct{}
	drained chan struct{}

	// pump's own.
	late    *time.Timer // when what waits must leave
	waiting bool
}

func newOutbox(conn *wire.Conn[wire.Reply, wire.Request]) *outbox {
	b := &outbox{
		conn: conn, doing: &progress{}, replies: make(chan wire.Reply, 256),
		gone: make(chan struct{}), closing: make(chan struct{}), drained: make(chan struct{}),
		late: time.NewTimer(hold),
	}
	go b.pump()
	return b
}

// pump sends. Steps that found nothing to do wait for what comes next: mostly
// the next such step, a few milliseconds later.
func (b *outbox) pump() {
	defer close(b.drained)
	defer b.late.Stop()
	for {
		select {
		case reply := <-b.replies:
			b.write(reply)
		case <-b.late.C:
			b.flush()
		case <-b.closing:
			b.rest()
			b.flush()
			return
		}
	}
}

func (b *outbox) rest() {
	for {
		select {
		case reply := <-b.replies:
			b.write(reply)
		default:
			return
		}
	}
}

func (b *outbox) write(reply wire.Reply) {
	b.doing.stamp(&reply)
	if !canWait(reply) {
		b.done(b.conn.Send(reply))
		return
	}
	if !b.waiting {
		b.waiting = true
		b.late.Reset(hold)
	}
	if b.conn.Hold(reply) != nil {
		b.abandon()
	}
}

func (b *outbox) flush() { b.done(b.conn.Flush()) }

// done is when nothing waits any more.
func (b *outbox) done(err error) {
	b.waiting = false
	b.late.Stop()
	if err != nil {
		b.abandon()
	}
}

// canWait says whether the operator misses nothing when a reply comes a moment
// later.
func canWait(r wire.Reply) bool {
	return r.Event != nil && (r.Event.State == runner.Unchanged || r.Event.State == runner.Skipped)
}

// send waits for room while the other side reads slowly.
func (b *outbox) send(reply wire.Reply) {
	select {
	case <-b.gone:
	default:
		select {
		case b.replies <- reply:
		case <-b.gone:
		case <-b.drained: // from a goroutine that a role has left behind
		}
	}
}

// offer sends a reply where there is room for it. A full box says by itself
// that this worker lives.
func (b *outbox) offer(reply wire.Reply) {
	select {
	case b.replies <- reply:
	default:
	}
}

// abandon drops all replies from now on: nobody listens.
func (b *outbox) abandon() { b.once.Do(func() { close(b.gone) }) }

// close waits for what was sent to leave, where somebody still listens.
func (b *outbox) close() {
	close(b.closing)
	select {
	case <-b.drained:
	case <-b.gone:
	case <-time.After(drain):
	}
}
