package command

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/control"
)

// abandon is how long a run may take to end after it was told to end at once.
const abandon = 5 * time.Second

// signals are ^C, SIGTERM and a closed terminal. The first lets the steps in
// flight end, the second cuts the connections (the workers still end their
// steps), the third is the system's own: the process dies.
type signals struct {
	ctx     context.Context // ends with the second
	release func()
}

// listen closes stop with the first signal.
func listen(ctx context.Context, stop chan<- struct{}, tell func(runner.Event)) *signals {
	ctx, cancel := context.WithCancel(ctx)
	s := &signals{ctx: ctx}
	// A closed pipe must not end a run half-way: the reporters tell of it.
	signal.Ignore(syscall.SIGPIPE)
	heard := make(chan os.Signal, 2)
	signal.Notify(heard, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	done := make(chan struct{})
	s.release = sync.OnceFunc(func() {
		signal.Stop(heard)
		close(done)
		cancel()
	})
	go func() {
		for n := 1; ; n++ {
			select {
			case <-done:
				return
			case <-heard:
			}
			if n == 1 {
				tell(runner.Event{Event: runner.EventNote, Why: "stopping: steps in flight end, no new one begins (once more: end at once)"})
				close(stop)
				continue
			}
			signal.Stop(heard)
			tell(runner.Event{Event: runner.EventNote, Why: "ending at once: hosts end their step in flight by themselves"})
			cancel()
			return
		}
	}()
	return s
}

// finish waits for a run; after the second signal only for a moment. It says
// whether the run ended by itself.
func finish(s *signals, run func(context.Context) control.Summary) (control.Summary, bool) {
	ended := make(chan control.Summary, 1)
	go func() { ended <- run(s.ctx) }()
	select {
	case summary := <-ended:
		return summary, true
	case <-s.ctx.Done():
	}
	select {
	case summary := <-ended:
		return summary, true
	case <-time.After(abandon):
		return control.Summary{Kinds: map[string]bool{runner.KindInterrupted: true}}, false
	}
}
