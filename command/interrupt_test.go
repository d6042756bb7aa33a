package command

import (
	"os"
	"syscall"
	"testing"

	"github.com/pgrun/pgrun/runner"
)

// TestSignalsAreHeardWhileTheOutputStands: ^S, or a pager that nobody reads on.
func TestSignalsAreHeardWhileTheOutputStands(t *testing.T) {
	stop, never := make(chan struct{}), make(chan struct{})
	ctx, release := listen(t.Context(), stop, func(runner.Event) { <-never })
	defer close(never)
	defer release()
	press := func() {
		if err := syscall.Kill(os.Getpid(), syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
	}
	press()
	<-stop
	if ctx.Err() != nil {
		t.Error("the first signal cuts the connections")
	}
	press()
	<-ctx.Done()
}
