package worker

import (
	"context"
	"errors"
	"strings"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/wire"
)

// stepError is an error whose step has been reported already.
type stepError struct {
	err     error
	failure *runner.Failure
}

func (e *stepError) Error() string { return e.err.Error() }

func (e *stepError) Unwrap() error { return e.err }

// failure tells the kind of an error and masks what it says; nil is nil.
func (s *session) failure(err error) *runner.Failure {
	if err == nil {
		return nil
	}
	f := &runner.Failure{Kind: kindOf(err), Error: head(s.masked(err.Error()), wire.MaxError)}
	var exit *modules.ExitError
	if errors.As(err, &exit) {
		f.Code = exit.Code
		f.Output = end(s.masked(exit.Stderr), wire.MaxOutput)
		f.Argv = s.argv(exit.Argv)
	}
	var hint *modules.HintError
	if errors.As(err, &hint) {
		f.Hint = head(s.masked(hint.Hint), wire.MaxWhy)
	}
	return f
}

func (s *session) argv(words []string) []string {
	var list []string
	room := wire.MaxArgv
	for _, word := range words {
		if room <= 0 {
			return append(list, wire.CutMark)
		}
		word = head(s.masked(word), room)
		room -= len(word) + 1
		list = append(list, word)
	}
	return list
}

func kindOf(err error) string {
	var held *HeldError
	var broken *panicError
	switch {
	case errors.Is(err, errStopped), errors.Is(err, errGone):
		return runner.KindInterrupted
	case errors.As(err, &held):
		return runner.KindLocked
	case errors.As(err, &broken):
		return runner.KindInternal
	case runner.IsRefused(err):
		return runner.KindRefused
	default:
		return runner.KindFailed
	}
}

// cut returns why a context ended in place of what came of that: a question that
// was cut short because the run was stopped, or the turn lost, says nothing about
// whoever was asked. What a step has told already stays.
func cut(ctx context.Context, err error) error {
	var told *stepError
	var broken *panicError
	cause := context.Cause(ctx)
	if err != nil && cause != nil && !errors.As(err, &told) && !errors.As(err, &broken) {
		return cause
	}
	return err
}

// report tells the controller of an error that no step has told yet.
func (s *session) report(ctx context.Context, role, action, step string, err error) *runner.Failure {
	var told *stepError
	if errors.As(err, &told) {
		return told.failure
	}
	failure := s.failure(cut(ctx, err))
	if failure.Kind != runner.KindInterrupted {
		s.emit(runner.Event{Event: runner.EventStep, Role: role, Action: action, Step: step, State: runner.Failed, Failure: failure})
	}
	return failure
}

func (s *session) emit(e runner.Event) {
	if e.Event == runner.EventStep {
		s.told++
	}
	e.Why = head(s.masked(e.Why), wire.MaxWhy)
	e.Step = head(s.masked(e.Step), wire.MaxStep)
	s.box.send(wire.Reply{Event: &e})
}

func (s *session) masked(text string) string {
	return strings.ToValidUTF8(string(s.mask.Mask([]byte(text))), "?")
}
