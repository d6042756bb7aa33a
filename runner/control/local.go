package control

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/pgrun/pgrun/inventory"
	"github.com/pgrun/pgrun/modules/local"
	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/worker"
)

// inProcess runs the same worker in this process, for --local.
type inProcess struct{ registry runner.Registry }

func (t inProcess) Open(ctx context.Context, _ inventory.Connection, _ string) (Stream, error) {
	requests, toWorker := io.Pipe()
	fromWorker, replies := io.Pipe()
	host := local.New(local.Options{})
	w := worker.Worker{Registry: t.registry, Host: host, LockPath: worker.LockPath}
	done := make(chan struct{})
	go func() {
		defer close(done)
		err := w.Serve(context.WithoutCancel(ctx), requests, replies)
		_ = replies.CloseWithError(errors.Join(err, io.EOF))
		_ = requests.Close()
		_ = host.Close()
	}()
	return &pipes{out: fromWorker, in: toWorker, done: done, overdue: make(chan struct{})}, nil
}

// pipes is a stream to a worker in this process.
type pipes struct {
	out  *io.PipeReader
	in   *io.PipeWriter
	done <-chan struct{}
	// overdue is closed when the worker is not waited for any more.
	overdue chan struct{}
}

func (p *pipes) Read(b []byte) (int, error) { return p.out.Read(b) }

func (p *pipes) Write(b []byte) (int, error) { return p.in.Write(b) }

func (p *pipes) Tail() string { return "" }

// CloseWrite ends the worker's input.
func (p *pipes) CloseWrite() error { return p.in.Close() }

// Close ends the worker's input and waits for the step in flight, which the
// end of this process would cut off.
func (p *pipes) Close() error {
	_ = p.in.Close()
	_ = p.out.Close()
	select {
	case <-p.done:
	case <-p.overdue:
	case <-time.After(longest):
	}
	return nil
}

// abandon lets Close wait no more: the step in flight is long past its deadline.
func (p *pipes) abandon() {
	if p.overdue != nil {
		close(p.overdue)
	}
}
