package worker

import (
	"context"
	"errors"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/wire"
)

func TestTurn(t *testing.T) {
	acted := 0
	due := func(why string) func(context.Context, *runner.Observer) (string, error) {
		return func(context.Context, *runner.Observer) (string, error) { return why, nil }
	}
	do := func(ctx context.Context, t *runner.Target) error {
		acted++
		return t.Ensure(ctx, step("restart", nothing))
	}
	closed := func(context.Context, *runner.Observer) error { return errors.New("lag of 3 GiB") }
	cases := map[string]struct {
		action runner.Action
		keep   func() error
		kind   string
		text   string
		acted  int
		states string
	}{
		"due":              {action: runner.Action{OneByOne: true, Due: due("stale"), Do: do}, acted: 1, states: "restart changed"},
		"not due any more": {action: runner.Action{OneByOne: true, Due: due(""), Do: do}, states: "act unchanged"},
		"gate refuses": {
			action: runner.Action{OneByOne: true, Due: due("stale"), Gate: closed, Do: do},
			kind:   runner.KindRefused, text: "lag of 3 GiB", states: "act failed",
		},
		"no turn": {
			action: runner.Action{OneByOne: true, Due: due("stale"), Do: do},
			keep:   func() error { return runner.Refuse("etcd has no leader") },
			kind:   runner.KindRefused, text: "no leader", states: "act failed",
		},
		"parallel needs no turn": {
			action: runner.Action{Do: do}, keep: func() error { return errors.New("asked for a turn") },
			acted: 1, states: "restart changed",
		},
		"gates alone": {
			action: runner.Action{Do: func(context.Context, *runner.Target) error { return nil }}, states: "act unchanged",
		},
		"panic": {
			action: runner.Action{Do: func(context.Context, *runner.Target) error { panic("oh") }},
			kind:   runner.KindInternal, text: "panic: oh", states: "act failed",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			acted = 0
			c.action.Name = "act"
			b := start(t, &scripted{actions: []runner.Action{c.action}, keep: c.keep}, filepath.Join(t.TempDir(), "lock"), 0)
			b.setup(false)
			b.send(wire.Request{Turn: &wire.Action{Role: "scripted", Name: "act"}})
			failure := b.receive().Done.Failure
			if failure == nil {
				failure = &runner.Failure{}
			}
			if failure.Kind != c.kind || !strings.Contains(failure.Error, c.text) {
				t.Errorf("failure %+v", failure)
			}
			if acted != c.acted || b.states() != c.states {
				t.Errorf("acted %d times, states %q", acted, b.states())
			}
		})
	}
}

func TestGateMayTakeItsTimeAfterwards(t *testing.T) {
	looks := 0
	gate := func(context.Context, *runner.Observer) error {
		if looks++; looks == 2 {
			return errors.New("still catching up")
		}
		return nil
	}
	action := runner.Action{Name: "act", Gate: gate, Do: func(context.Context, *runner.Target) error { return nil }}
	b := start(t, &scripted{actions: []runner.Action{action}}, filepath.Join(t.TempDir(), "lock"), 0)
	b.setup(false)
	b.send(wire.Request{Turn: &wire.Action{Role: "scripted", Name: "act"}})
	if failure := b.receive().Done.Failure; failure != nil || looks != 3 {
		t.Fatalf("%+v after %d looks", failure, looks)
	}
}

func TestGateMayTakeItsTimeWhenAnotherHostJustHadItsTurn(t *testing.T) {
	looks := 0
	gate := func(context.Context, *runner.Observer) error {
		if looks++; looks == 1 {
			return errors.New("db3 does not stream yet")
		}
		return nil
	}
	action := runner.Action{Name: "act", Gate: gate, Do: func(context.Context, *runner.Target) error { return nil }}
	for _, next := range []bool{false, true} {
		looks = 0
		b := start(t, &scripted{actions: []runner.Action{action}}, filepath.Join(t.TempDir(), "lock"), 0)
		b.setup(false)
		b.send(wire.Request{Turn: &wire.Action{Role: "scripted", Name: "act", Next: next}})
		if failure := b.receive().Done.Failure; (failure == nil) != next {
			t.Fatalf("next %v: %+v after %d looks", next, failure, looks)
		}
	}
}

func TestSurvey(t *testing.T) {
	action := runner.Action{
		Name: "act",
		Due:  func(context.Context, *runner.Observer) (string, error) { return "older", nil },
		Rank: func(context.Context, *runner.Observer) (int, error) { return 7, nil },
		Alike: func(context.Context, *runner.Observer) (map[string]string, error) {
			return map[string]string{"etcd": "3.5.16"}, nil
		},
	}
	b := start(t, &scripted{actions: []runner.Action{action}}, filepath.Join(t.TempDir(), "lock"), 0)
	b.setup(false)
	b.send(wire.Request{Survey: &wire.Action{Role: "scripted", Name: "act"}})
	want := wire.Surveyed{Why: "older", Rank: 7, Alike: map[string]string{"etcd": "3.5.16"}}
	if got := *b.receive().Surveyed; !reflect.DeepEqual(got, want) {
		t.Fatalf("%+v", got)
	}
}

func TestCheckOnAnEmptyMachineSkipsWhatCannotBeKnown(t *testing.T) {
	role := &scripted{
		apply: func(ctx context.Context, t *runner.Target) error { return t.Ensure(ctx, step("install", nothing)) },
		actions: []runner.Action{{Name: "act", Due: func(context.Context, *runner.Observer) (string, error) {
			return "", errors.New("connection refused")
		}}},
	}
	b := start(t, role, filepath.Join(t.TempDir(), "lock"), 0)
	b.setup(true)
	b.apply()
	b.send(wire.Request{Survey: &wire.Action{Role: "scripted", Name: "act"}})
	if got := *b.receive().Surveyed; !reflect.DeepEqual(got, wire.Surveyed{}) || b.states() != "install changed, act skipped" {
		t.Fatalf("%+v, %s", got, b.states())
	}
}
