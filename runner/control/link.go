package control

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/wire"
)

const (
	pingEvery = 15 * time.Second
	// silence is how long a worker may say nothing: three pings.
	silence = 45 * time.Second
	// answer is how long a worker may take for the first frame.
	answer = 30 * time.Second
	// goodbye is how long a worker may take to end with nothing to do.
	goodbye = 5 * time.Second
)

// link is a worker on a host, for the whole run.
type link struct {
	host    string
	stream  Stream
	conn    *wire.Conn[wire.Request, wire.Reply]
	replies chan wire.Reply
	lost    chan struct{} // closed when the connection ended
	cause   error         // why, set before lost is closed
	play    atomic.Pointer[string]
	report  func(host, play string, e runner.Event)
	doing   progress

	once   sync.Once
	closed chan struct{} // closed when this side has given the connection up
	why    error         // set before closed is closed
}

func newLink(host string, stream Stream, report func(host, play string, e runner.Event)) *link {
	l := &link{
		host: host, stream: stream, report: report,
		conn:    wire.New[wire.Request, wire.Reply](stream, stream),
		replies: make(chan wire.Reply), lost: make(chan struct{}), closed: make(chan struct{}),
	}
	go l.listen()
	go l.ping()
	return l
}

// cut gives the connection up.
func (l *link) cut(why error) {
	l.once.Do(func() {
		l.why = why
		close(l.closed)
	})
	_ = l.stream.Close() // its error says no more than why
}

// listen takes what the worker says. Host and play are stamped here. Only the
// worker's own silence counts: whoever is told may take his time.
func (l *link) listen() {
	timer := time.AfterFunc(silence, func() { l.cut(fmt.Errorf("no sign of life for %s", silence)) })
	defer timer.Stop()
	var so said
	for {
		timer.Reset(silence)
		reply, err := l.conn.Receive()
		timer.Stop()
		if err == nil {
			err = errors.Join(so.admit(l.play.Load(), &reply), l.doing.told(reply.Step, reply.Left))
		}
		if here, ok := l.stream.(interface{ abandon() }); ok && errors.Is(err, errOverdue) {
			here.abandon()
		}
		if err != nil {
			l.cause = l.explain(err)
			close(l.lost)
			l.cut(l.cause)
			return
		}
		switch {
		case reply.Pong:
		case reply.Event != nil:
			play := ""
			if p := l.play.Load(); p != nil {
				play = *p
			}
			began := time.Now()
			l.report(l.host, play, *reply.Event)
			l.doing.wait(began)
		default:
			select {
			case l.replies <- reply:
			case <-l.closed:
			}
		}
	}
}

func (l *link) explain(err error) error {
	select {
	case <-l.closed:
		return l.why
	default:
	}
	if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.ErrClosedPipe) {
		return err
	}
	if tail := l.stream.Tail(); tail != "" {
		return fmt.Errorf("the worker ended: %s", tail)
	}
	return errors.New("the connection was cut")
}

func (l *link) ping() {
	ticker := time.NewTicker(pingEvery)
	defer ticker.Stop()
	for {
		select {
		case <-l.lost:
			return
		case <-ticker.C:
			_ = l.send(wire.Request{Ping: true}) // a broken connection ends listen
		}
	}
}

// send writes a frame. A worker reads all the time: one that does not is given
// up, whatever else it says.
func (l *link) send(request wire.Request) error {
	late := time.AfterFunc(silence, func() { l.cut(fmt.Errorf("it reads nothing since %s", silence)) })
	defer late.Stop()
	return l.conn.Send(request)
}

// call sends a request and waits for its reply.
func (l *link) call(ctx context.Context, request wire.Request) (wire.Reply, error) {
	l.doing.begin()
	defer l.doing.done()
	if err := l.send(request); err != nil {
		return wire.Reply{}, l.unreachable(l.explain(err))
	}
	return l.next(ctx)
}

func (l *link) next(ctx context.Context) (wire.Reply, error) {
	select {
	case reply := <-l.replies:
		return reply, nil
	case <-l.lost:
		return wire.Reply{}, l.unreachable(l.cause)
	case <-ctx.Done():
		if cause := context.Cause(ctx); errors.Is(cause, errSlow) {
			return wire.Reply{}, l.unreachable(cause)
		}
		return wire.Reply{}, &runner.FailureError{Kind: runner.KindInterrupted, Err: ctx.Err()}
	}
}

// end lets the worker go and waits until it has, so that the next run finds
// the host free.
func (l *link) end() {
	over := errors.New("the run is over")
	defer l.cut(over)
	go func() { // which may wait for a host that takes nothing
		if l.stream.CloseWrite() != nil {
			l.cut(over)
		}
	}()
	late := time.After(goodbye)
	for {
		select {
		case <-l.replies: // that nobody asked for
		case <-l.lost:
			return
		case <-late:
			return
		}
	}
}

// stop lets the worker end its step in flight and begin no other.
func (l *link) stop() {
	l.doing.stop()
	_ = l.send(wire.Request{Stop: true}) // a lost worker stops by itself
}

func (l *link) unreachable(err error) error {
	return &runner.FailureError{
		Kind: runner.KindUnreachable, Err: err,
		Hint: "the step in flight ends on the host by itself; run pgrun again to go on from there",
	}
}
