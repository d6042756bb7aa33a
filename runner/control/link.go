package control

import (
	"context"
	"errors"
	"fmt"
	"io"
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
}

func newLink(host string, stream Stream, report func(host, play string, e runner.Event)) *link {
	l := &link{
		host: host, stream: stream, report: report,
		conn:    wire.New[wire.Request, wire.Reply](stream, stream),
		replies: make(chan wire.Reply), lost: make(chan struct{}),
	}
	go l.listen()
	go l.ping()
	return l
}

// listen takes what the worker says. Host and play are stamped here.
func (l *link) listen() {
	var quiet atomic.Bool
	timer := time.AfterFunc(silence, func() {
		quiet.Store(true)
		_ = l.stream.Close()
	})
	defer timer.Stop()
	for {
		reply, err := l.conn.Receive()
		if err != nil {
			l.cause = l.explain(err, quiet.Load())
			close(l.lost)
			_ = l.stream.Close()
			return
		}
		timer.Reset(silence)
		switch {
		case reply.Pong:
		case reply.Event != nil:
			play := ""
			if p := l.play.Load(); p != nil {
				play = *p
			}
			l.report(l.host, play, *reply.Event)
		default:
			l.replies <- reply
		}
	}
}

func (l *link) explain(err error, quiet bool) error {
	switch {
	case quiet:
		return fmt.Errorf("no sign of life for %s", silence)
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.ErrClosedPipe):
		if tail := l.stream.Tail(); tail != "" {
			return fmt.Errorf("the worker ended: %s", tail)
		}
		return errors.New("the connection was cut")
	default:
		return err
	}
}

func (l *link) ping() {
	ticker := time.NewTicker(pingEvery)
	defer ticker.Stop()
	for {
		select {
		case <-l.lost:
			return
		case <-ticker.C:
			_ = l.conn.Send(wire.Request{Ping: true}) // a broken connection ends listen
		}
	}
}

// call sends a request and waits for its reply.
func (l *link) call(ctx context.Context, request wire.Request) (wire.Reply, error) {
	if err := l.conn.Send(request); err != nil {
		return wire.Reply{}, l.unreachable(err)
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
		return wire.Reply{}, &runner.FailureError{Kind: runner.KindInterrupted, Err: ctx.Err()}
	}
}

// end lets the worker go and waits until it has, so that the next run finds
// the host free.
func (l *link) end() {
	defer l.stream.Close()
	if l.stream.CloseWrite() != nil {
		return
	}
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

func (l *link) unreachable(err error) error {
	return &runner.FailureError{
		Kind: runner.KindUnreachable, Err: err,
		Hint: "the step in flight ends on the host by itself; run pgrun again to go on from there",
	}
}

// set tells the worker about its host and cluster. The frames go out together;
// only the last is answered.
func (l *link) set(ctx context.Context, peers [][]wire.Peer, setup wire.Setup) error {
	bounded, cancel := context.WithTimeout(ctx, answer)
	defer cancel()
	hello, err := l.next(bounded)
	if err != nil {
		return err
	}
	if hello.Hello == nil {
		return l.unreachable(fmt.Errorf("%w: the worker does not begin with hello", wire.ErrFrame))
	}
	for _, some := range peers {
		if err := l.conn.Hold(wire.Request{Peers: some}); err != nil {
			return l.unreachable(err)
		}
	}
	if setup.Wait { // for another run on this machine, or the operator
		bounded = ctx
	}
	if err := l.conn.Send(wire.Request{Setup: &setup}); err != nil {
		return l.unreachable(err)
	}
	reply, err := l.next(bounded)
	switch {
	case err != nil:
		return err
	case reply.Ready == nil:
		return l.unreachable(fmt.Errorf("%w: the worker does not answer the set-up", wire.ErrFrame))
	case reply.Ready.Failure != nil:
		return &workerFailure{reply.Ready.Failure}
	}
	return nil
}

// workerFailure is what a worker said went wrong.
type workerFailure struct{ failure *runner.Failure }

func (e *workerFailure) Error() string { return e.failure.Error }
