package worker

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/wire"
)

// TestEveryLookIsBounded: whatever a role asks, an answer that never comes is an
// error that says which question it was.
func TestEveryLookIsBounded(t *testing.T) {
	never := func(ctx context.Context) error {
		<-ctx.Done()
		return fmt.Errorf("GET http://db3: %w", ctx.Err())
	}
	due := func(context.Context, *runner.Observer) (string, error) { return "stale", nil }
	do := func(context.Context, *runner.Target) error { return nil }
	survey := wire.Request{Survey: &wire.Action{Role: "scripted", Name: "act"}}
	turn := wire.Request{Turn: &wire.Action{Role: "scripted", Name: "act"}}
	cases := map[string]struct {
		request wire.Request
		role    *scripted
		says    string
	}{
		"Check": {wire.Request{Apply: &wire.Apply{Roles: []string{"scripted"}}}, &scripted{apply: func(ctx context.Context, tt *runner.Target) error {
			return tt.Ensure(ctx, modules.Func{Name: "a", Find: func(ctx context.Context, _ modules.Reader) (*modules.Change, error) { return nil, never(ctx) }})
		}}, "the look at what is there"},
		"Due": {survey, &scripted{actions: []runner.Action{{Do: do,
			Due: func(ctx context.Context, _ *runner.Observer) (string, error) { return "", never(ctx) }}}}, "whether it is due"},
		"Rank": {survey, &scripted{actions: []runner.Action{{Do: do, Due: due,
			Rank: func(ctx context.Context, _ *runner.Observer) (int, error) { return 0, never(ctx) }}}}, "place"},
		"Alike": {survey, &scripted{actions: []runner.Action{{Do: do, Due: due,
			Alike: func(ctx context.Context, _ *runner.Observer) (map[string]string, error) { return nil, never(ctx) }}}}, "alike"},
		"Gate": {turn, &scripted{actions: []runner.Action{{Do: do, Due: due,
			Gate: func(ctx context.Context, _ *runner.Observer) error { return never(ctx) }}}}, "gate before act"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for i := range c.role.actions {
					c.role.actions[i].Name = "act"
				}
				b := start(t, c.role, filepath.Join(t.TempDir(), "lock"), time.Hour)
				b.setup(false)
				began := time.Now()
				b.send(c.request)
				reply := b.receive()
				failure := value(reply.Done).Failure
				if reply.Surveyed != nil {
					failure = reply.Surveyed.Failure
				}
				if failure == nil || !strings.Contains(failure.Error, c.says) || !strings.Contains(failure.Error, "took longer than 1m0s") {
					t.Errorf("%+v", failure)
				}
				if took := time.Since(began); took > look+time.Second {
					t.Errorf("after %s", took)
				}
				_ = b.in.Close()
				b.drain()
				<-b.ended
			})
		})
	}
}

func value[T any](p *T) (v T) {
	if p != nil {
		v = *p
	}
	return v
}

// TestAStopBlamesNobody: what a role makes of a question that the stop cut short
// is not the error, in whatever words it puts it.
func TestAStopBlamesNobody(t *testing.T) {
	ask := func(ctx context.Context, asked chan<- struct{}) error {
		close(asked)
		<-ctx.Done()
		return errors.New("the REST API of db3 does not answer: look at journalctl -u patroni there") // no chain to the cause
	}
	do := func(context.Context, *runner.Target) error { return nil }
	for name, made := range map[string]func(asked chan<- struct{}) *scripted{
		"role": func(asked chan<- struct{}) *scripted {
			return &scripted{apply: func(ctx context.Context, _ *runner.Target) error { return ask(ctx, asked) }}
		},
		"check": func(asked chan<- struct{}) *scripted {
			return &scripted{apply: func(ctx context.Context, tt *runner.Target) error {
				return tt.Ensure(ctx, modules.Func{Name: "a", Find: func(ctx context.Context, _ modules.Reader) (*modules.Change, error) {
					return nil, ask(ctx, asked)
				}})
			}}
		},
		"wait": func(asked chan<- struct{}) *scripted {
			return &scripted{apply: func(ctx context.Context, tt *runner.Target) error {
				return tt.Ensure(ctx, modules.Func{Name: "a", Find: func(context.Context, modules.Reader) (*modules.Change, error) {
					return &modules.Change{Waits: true, Apply: func(ctx context.Context, _ modules.Host) error { return ask(ctx, asked) }}, nil
				}})
			}}
		},
		"due": func(asked chan<- struct{}) *scripted {
			return &scripted{actions: []runner.Action{{Name: "act", Do: do,
				Due: func(ctx context.Context, _ *runner.Observer) (string, error) { return "", ask(ctx, asked) }}}}
		},
		"gate": func(asked chan<- struct{}) *scripted {
			return &scripted{actions: []runner.Action{{Name: "act", Do: do,
				Gate: func(ctx context.Context, _ *runner.Observer) error { return ask(ctx, asked) }}}}
		},
		"action": func(asked chan<- struct{}) *scripted {
			return &scripted{actions: []runner.Action{{Name: "act",
				Do: func(ctx context.Context, _ *runner.Target) error { return ask(ctx, asked) }}}}
		},
	} {
		t.Run(name, func(t *testing.T) {
			asked := make(chan struct{})
			role := made(asked)
			b := start(t, role, filepath.Join(t.TempDir(), "lock"), 0)
			b.setup(false)
			request := wire.Request{Turn: &wire.Action{Role: "scripted", Name: "act"}}
			if role.apply != nil {
				request = wire.Request{Apply: &wire.Apply{Roles: []string{"scripted"}}}
			}
			b.send(request)
			<-asked
			b.send(wire.Request{Stop: true})
			failure := b.receive().Done.Failure
			if failure == nil || failure.Kind != runner.KindInterrupted || strings.Contains(failure.Error, "db3") {
				t.Errorf("%+v", failure)
			}
			for _, e := range b.events {
				if e.Failure != nil {
					t.Errorf("told: %+v", e.Failure)
				}
			}
		})
	}
}

// TestEveryReplyTellsHowLongTheStepMayTake, and none where nothing is asked.
func TestEveryReplyTellsHowLongTheStepMayTake(t *testing.T) {
	inside, finish := make(chan bool), make(chan bool)
	role := &scripted{apply: func(ctx context.Context, tt *runner.Target) error {
		return tt.Ensure(ctx, modules.Func{Name: "apt", Find: func(context.Context, modules.Reader) (*modules.Change, error) {
			return &modules.Change{Deadline: 35 * time.Minute, Apply: func(context.Context, modules.Host) error {
				inside <- true
				<-finish
				return nil
			}}, nil
		}})
	}}
	b := start(t, role, filepath.Join(t.TempDir(), "lock"), 0)
	b.setup(false)
	ping := func() wire.Reply {
		b.send(wire.Request{Ping: true})
		return b.receive()
	}
	if idle := ping(); idle.Step != 0 || idle.Left != 0 {
		t.Errorf("idle: %+v", idle)
	}
	b.send(wire.Request{Apply: &wire.Apply{Roles: []string{"scripted"}}})
	<-inside
	first, second := ping(), ping()
	if first.Step == 0 || first.Step != second.Step || first.Left > 35*time.Minute || first.Left < 34*time.Minute {
		t.Errorf("at work: %+v, %+v", first, second)
	}
	close(finish)
	if done := b.receive(); done.Done == nil {
		t.Errorf("%+v", done)
	}
	if idle := ping(); idle.Step != 0 {
		t.Errorf("idle: %+v", idle)
	}
}
