package worker

import (
	"context"
	"errors"
	"io"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/wire"
)

// scripted is a role whose Apply and actions a test gives.
type scripted struct {
	apply   func(ctx context.Context, t *runner.Target) error
	actions []runner.Action
	keep    func() error
}

func (r *scripted) Validate(*runner.View) {}

func (r *scripted) Apply(ctx context.Context, t *runner.Target) error { return r.apply(ctx, t) }

func (r *scripted) Actions() []runner.Action { return r.actions }

func (r *scripted) TakeTurn(ctx context.Context, _ *runner.Target, _ modules.Host, _ string, _ int) (context.Context, func(), error) {
	if r.keep == nil {
		return ctx, func() {}, nil
	}
	return ctx, func() {}, r.keep()
}

// bench is a worker with a controller's end in the test's hand.
type bench struct {
	t      *testing.T
	conn   *wire.Conn[wire.Request, wire.Reply]
	in     *io.PipeWriter
	ended  chan error
	events []runner.Event
}

func start(t *testing.T, role *scripted, lock string, silence time.Duration) *bench {
	t.Helper()
	requests, in := io.Pipe()
	out, replies := io.Pipe()
	b := &bench{t: t, conn: wire.New[wire.Request, wire.Reply](out, in), in: in, ended: make(chan error, 1)}
	w := Worker{
		Registry: runner.Registry{{Name: "scripted", New: func() runner.Role { return role }}},
		LockPath: lock, Silence: silence,
		Facts: func() runner.Facts { return runner.Facts{OS: "debian"} },
	}
	go func() {
		b.ended <- w.Serve(t.Context(), requests, replies)
		_ = replies.Close()
	}()
	t.Cleanup(func() { _ = in.Close(); _ = out.Close() })
	if hello := b.receive(); hello.Hello == nil {
		t.Fatalf("first frame %+v", hello)
	}
	return b
}

func (b *bench) receive() wire.Reply {
	b.t.Helper()
	for {
		reply, err := b.conn.Receive()
		if err != nil {
			b.t.Fatal(err)
		}
		if reply.Event == nil {
			return reply
		}
		b.events = append(b.events, *reply.Event)
	}
}

func (b *bench) send(request wire.Request) {
	b.t.Helper()
	if err := b.conn.Send(request); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) setup(check bool) wire.Reply {
	b.t.Helper()
	b.send(wire.Request{Peers: []wire.Peer{{Name: "db1"}}})
	b.send(wire.Request{Setup: &wire.Setup{
		Host: "db1", Owner: "alice", Check: check,
		Sections: map[string]string{"scripted": ""}, Patience: time.Second,
	}})
	return b.receive()
}

func (b *bench) apply() *runner.Failure {
	b.t.Helper()
	b.send(wire.Request{Apply: &wire.Apply{Roles: []string{"scripted"}}})
	return b.receive().Done.Failure
}

// drain reads what nobody asked for.
func (b *bench) drain() {
	for {
		if _, err := b.conn.Receive(); err != nil {
			return
		}
	}
}

// waitForLock waits until the worker has freed the lock or the test's time is
// over.
func (b *bench) waitForLock(path string) {
	b.t.Helper()
	held, err := takeLock(b.t.Context(), path, "waiting", false, true)
	if err != nil {
		b.t.Fatal(err)
	}
	_ = held.Close()
}

func (b *bench) states() string {
	var list []string
	for _, e := range b.events {
		if e.Event == runner.EventStep {
			list = append(list, e.Step+" "+string(e.State))
		}
	}
	return strings.Join(list, ", ")
}

func step(name string, apply func(ctx context.Context) error) modules.Func {
	return modules.Func{Name: name, Find: func(context.Context, modules.Reader) (*modules.Change, error) {
		if apply == nil {
			return nil, nil
		}
		return &modules.Change{Summary: "wanted", Apply: func(ctx context.Context, _ modules.Host) error { return apply(ctx) }}, nil
	}}
}

func nothing(context.Context) error { return nil }

func TestApplyTellsEachStep(t *testing.T) {
	role := &scripted{apply: func(ctx context.Context, t *runner.Target) error {
		t.Skip(ctx, "c", "not here")
		return t.Ensure(ctx, step("a", nothing), step("b", nil), step("d", func(context.Context) error { return errors.New("broken") }), step("e", nothing))
	}}
	b := start(t, role, filepath.Join(t.TempDir(), "lock"), 0)
	if ready := b.setup(false); ready.Ready == nil || ready.Ready.Failure != nil {
		t.Fatalf("%+v", ready)
	}
	failure := b.apply()
	if failure == nil || failure.Kind != runner.KindFailed || failure.Error != "broken" {
		t.Fatalf("failure %+v", failure)
	}
	if got, want := b.states(), "c skipped, a changed, b unchanged, d failed"; got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
}

func TestCheckAppliesNothing(t *testing.T) {
	role := &scripted{apply: func(ctx context.Context, tt *runner.Target) error {
		err := tt.Ensure(ctx, step("a", func(context.Context) error { t.Error("applied in check mode"); return nil }),
			modules.Until{Name: "w", Met: func(context.Context, modules.Reader) (string, error) { return "not yet", nil }})
		if err != nil {
			return err
		}
		known, err := tt.Known(ctx, "the leader", func(context.Context) error { return errors.New("no answer") })
		if known {
			t.Error("known before it was made")
		}
		return err
	}}
	b := start(t, role, filepath.Join(t.TempDir(), "lock"), 0)
	b.setup(true)
	if failure := b.apply(); failure != nil {
		t.Fatalf("%+v", failure)
	}
	if got, want := b.states(), "a changed, w skipped, the leader skipped"; got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
}

func TestStopEndsTheStepInFlightAndNoMore(t *testing.T) {
	inside, finish, finished := make(chan bool), make(chan bool), make(chan bool, 1)
	role := &scripted{apply: func(ctx context.Context, tt *runner.Target) error {
		return tt.Ensure(ctx, step("apt", func(ctx context.Context) error {
			close(inside)
			<-finish
			finished <- ctx.Err() == nil
			return nil
		}), step("next", func(context.Context) error { t.Error("a step was begun after stop"); return nil }))
	}}
	b := start(t, role, filepath.Join(t.TempDir(), "lock"), 0)
	b.setup(false)
	b.send(wire.Request{Apply: &wire.Apply{Roles: []string{"scripted"}}})
	<-inside
	b.send(wire.Request{Stop: true})
	b.send(wire.Request{Ping: true})
	if pong := b.receive(); !pong.Pong {
		t.Fatalf("%+v", pong)
	}
	close(finish)
	failure := b.receive().Done.Failure
	if failure == nil || failure.Kind != runner.KindInterrupted {
		t.Fatalf("%+v", failure)
	}
	if !<-finished {
		t.Error("the step in flight was cancelled")
	}
	if got, want := b.states(), "apt changed"; got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
}

func TestLostControllerFreesTheLockAfterTheStep(t *testing.T) {
	for name, leave := range map[string]func(*bench){
		"input ends": func(b *bench) { _ = b.in.Close(); go b.drain() },
		"silence":    func(*bench) {},
	} {
		t.Run(name, func(t *testing.T) {
			inside, finish := make(chan bool), make(chan bool)
			role := &scripted{apply: func(ctx context.Context, tt *runner.Target) error {
				return tt.Ensure(ctx, step("apt", func(context.Context) error {
					close(inside)
					<-finish
					<-ctx.Done() // the role hears of it, the step goes on
					return nil
				}), step("next", func(context.Context) error { t.Error("begun with nobody listening"); return nil }))
			}}
			lock := filepath.Join(t.TempDir(), "lock")
			b := start(t, role, lock, 50*time.Millisecond)
			b.setup(false)
			b.send(wire.Request{Apply: &wire.Apply{Roles: []string{"scripted"}}})
			<-inside
			leave(b)
			if _, err := takeLock(t.Context(), lock, "bob", false, false); err == nil {
				t.Error("the lock was free during the step")
			}
			close(finish)
			if name == "silence" {
				b.waitForLock(lock)
				_ = b.in.Close()
			}
			<-b.ended
			held, err := takeLock(t.Context(), lock, "bob", false, false)
			if err != nil {
				t.Fatalf("the lock is still held: %v", err)
			}
			_ = held.Close()
		})
	}
}

func TestSecondRunIsToldWhoHoldsTheHost(t *testing.T) {
	lock := filepath.Join(t.TempDir(), "lock")
	role := &scripted{}
	first := start(t, role, lock, 0)
	first.setup(false)
	failure := start(t, role, lock, 0).setup(false).Ready.Failure
	if failure == nil || failure.Kind != runner.KindLocked || !strings.Contains(failure.Error, "alice") {
		t.Fatalf("%+v", failure)
	}
	_ = first.in.Close()
	<-first.ended
	if ready := start(t, role, lock, 0).setup(true); ready.Ready.Failure != nil {
		t.Fatalf("a check after the run: %+v", ready.Ready.Failure)
	}
	if ready := start(t, role, lock, 0).setup(true); ready.Ready.Failure != nil {
		t.Fatalf("two checks at once: %+v", ready.Ready.Failure)
	}
}
