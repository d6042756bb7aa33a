package command

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"github.com/pgrun/pgrun/runner"
)

// listen hears ^C, SIGTERM and a closed terminal. The first closes stop, which
// lets the steps in flight end; the second ends the context, which cuts the
// connections (the workers still end their steps); the third is the system's
// own: the process dies. Who is told of it may be stuck, and is not waited for.
func listen(ctx context.Context, stop chan<- struct{}, tell func(runner.Event)) (listening context.Context, release func()) {
	ctx, cancel := context.WithCancel(ctx)
	// A closed pipe must not end a run half-way: the reporters tell of it.
	signal.Ignore(syscall.SIGPIPE)
	heard := make(chan os.Signal, 2)
	signal.Notify(heard, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	done := make(chan struct{})
	note := func(why string) { go tell(runner.Event{Event: runner.EventNote, Why: why}) }
	go func() {
		select {
		case <-done:
			return
		case <-heard:
		}
		close(stop)
		note("stopping: steps in flight end, no new one begins (once more: end at once)")
		select {
		case <-done:
			return
		case <-heard:
		}
		signal.Stop(heard)
		cancel()
		note("ending at once: hosts end their step in flight by themselves, this machine ends its own first")
	}()
	return ctx, sync.OnceFunc(func() {
		signal.Stop(heard)
		close(done)
		cancel()
	})
}
