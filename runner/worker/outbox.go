package worker

import (
	"sync"
	"time"

	"github.com/pgrun/pgrun/runner/wire"
)

// drain is how long the last replies may take to leave.
const drain = 5 * time.Second

// outbox sends replies from a goroutine of its own, so that a connection that
// takes no more bytes cannot hold up the step in flight.
type outbox struct {
	conn    *wire.Conn[wire.Reply, wire.Request]
	replies chan wire.Reply
	gone    chan struct{}
	once    sync.Once
	closing chan struct{}
	drained chan struct{}
}

func newOutbox(conn *wire.Conn[wire.Reply, wire.Request]) *outbox {
	b := &outbox{
		conn: conn, replies: make(chan wire.Reply, 256),
		gone: make(chan struct{}), closing: make(chan struct{}), drained: make(chan struct{}),
	}
	go b.pump()
	return b
}

func (b *outbox) pump() {
	defer close(b.drained)
	for {
		select {
		case reply := <-b.replies:
			b.write(reply)
		case <-b.closing:
			b.flush()
			return
		}
	}
}

func (b *outbox) flush() {
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
	if b.conn.Send(reply) != nil {
		b.abandon()
	}
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
