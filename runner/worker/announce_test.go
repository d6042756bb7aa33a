package worker

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/wire"
)

// TestAStepDoesNotBeginAfterItsEnd: each step ends in the moment in which it
// would be told that it takes long.
func TestAStepDoesNotBeginAfterItsEnd(t *testing.T) {
	lock := filepath.Join(t.TempDir(), "lock")
	synctest.Test(t, func(t *testing.T) {
		role := &scripted{apply: func(ctx context.Context, tt *runner.Target) error {
			var list []modules.Module
			for i := range 300 {
				list = append(list, step(fmt.Sprint(i), func(context.Context) error { time.Sleep(long); return nil }))
			}
			return tt.Ensure(ctx, list...)
		}}
		b := start(t, role, lock, time.Hour)
		b.setup(false)
		if failure := b.apply(); failure != nil {
			t.Fatalf("%+v", failure)
		}
		ended := map[string]bool{}
		for _, e := range b.events {
			if ended[e.Step] {
				t.Fatalf("step %s was told to %s after its end", e.Step, e.Event)
			}
			ended[e.Step] = e.Event == runner.EventStep
		}
		_ = b.in.Close()
		<-b.ended
	})
}

// TestPingsAreHeardWhileNobodyReads: an operator who stops the output of the
// controller must not lose the hosts.
func TestPingsAreHeardWhileNobodyReads(t *testing.T) {
	lock := filepath.Join(t.TempDir(), "lock")
	synctest.Test(t, func(t *testing.T) {
		role := &scripted{apply: func(ctx context.Context, tt *runner.Target) error {
			for range 1000 {
				tt.Skip(ctx, "a", "why")
			}
			return nil
		}}
		b := start(t, role, lock, 45*time.Second)
		b.setup(false)
		b.send(wire.Request{Apply: &wire.Apply{Roles: []string{"scripted"}}})
		for range 40 {
			time.Sleep(15 * time.Second)
			b.send(wire.Request{Ping: true})
		}
		for reply := b.receive(); reply.Done == nil; reply = b.receive() {
		}
		if len(b.events) != 1000 {
			t.Fatalf("%d events", len(b.events))
		}
		_ = b.in.Close()
		<-b.ended
	})
}
