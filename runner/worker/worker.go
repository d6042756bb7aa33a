package worker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/wire"
)

// Silence is how long a controller may say nothing: three of its pings.
const Silence = 45 * time.Second

var (
	errStopped = errors.New("the run was stopped")
	errGone    = errors.New("the controller is gone")
)

// Worker serves one controller.
type Worker struct {
	Registry runner.Registry
	Host     modules.Host
	LockPath string
	Silence  time.Duration       // 0: the constant
	Facts    func() runner.Facts // nil: this machine's
}

// Serve answers a controller until its frames end. It returns nil when they
// ended in order.
func (w Worker) Serve(ctx context.Context, in io.Reader, out io.Writer) error {
	if w.Silence == 0 {
		w.Silence = Silence
	}
	if w.Facts == nil {
		w.Facts = findFacts
	}
	conn := wire.New[wire.Reply, wire.Request](in, out)
	run, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	box := newOutbox(conn)
	defer box.close()
	s := newSession(w, box)
	defer s.close()

	box.send(wire.Reply{Hello: &wire.Hello{PID: os.Getpid()}})
	requests := make(chan wire.Request, 256)
	ended := make(chan error, 1)
	go func() {
		ended <- w.receive(conn, box, requests, stop)
		close(requests)
	}()
	for {
		select {
		case <-box.gone: // a dead connection may never end its input
			return errGone
		default:
		}
		select {
		case <-box.gone:
			return errGone
		case request, ok := <-requests:
			if ok {
				s.handle(run, request)
				continue
			}
			if err := <-ended; !errors.Is(err, io.EOF) {
				return err
			}
			return nil
		}
	}
}

// receive reads frames all the time, also while a step runs: pings are
// answered and a stop is heard at once.
func (w Worker) receive(conn *wire.Conn[wire.Reply, wire.Request], box *outbox, requests chan<- wire.Request, stop context.CancelCauseFunc) error {
	silence := time.AfterFunc(w.Silence, func() {
		stop(errGone)
		box.abandon()
	})
	defer silence.Stop()
	for {
		request, err := conn.Receive()
		if err != nil {
			stop(errGone)
			time.AfterFunc(drain, box.abandon) // whoever closed its input may still listen
			return err
		}
		silence.Reset(w.Silence)
		switch {
		case request.Ping:
			box.offer(wire.Reply{Pong: true})
			continue
		case request.Stop:
			stop(errStopped)
			continue
		}
		select {
		case requests <- request:
		default:
			stop(errGone)
			return fmt.Errorf("%w: more requests than a controller sends", wire.ErrFrame)
		}
	}
}
