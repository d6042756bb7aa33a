package worker

import (
	"context"
	"fmt"
	"time"

	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/wire"
)

// settle is how long an action's gate may take to pass afterwards, where the
// action does not say.
const settle = 2 * time.Minute

// action finds an action and prepares it to run.
func (s *session) action(a wire.Action) (runner.Action, *runner.Target, error) {
	role, target, err := s.target(a.Role, a.Name)
	if err != nil {
		return runner.Action{}, nil, err
	}
	if actor, ok := role.(runner.Actor); ok {
		for _, action := range actor.Actions() {
			if action.Name == a.Name {
				return action, target, nil
			}
		}
	}
	return runner.Action{}, nil, fmt.Errorf("role %s has no action %s", a.Role, a.Name)
}

// survey says whether an action is due here and in which place.
func (s *session) survey(ctx context.Context, a wire.Action) wire.Surveyed {
	var result wire.Surveyed
	err := guard(func() error {
		action, target, err := s.action(a)
		if err != nil {
			return err
		}
		if action.Alike != nil {
			err = s.looking(ctx, "the question what must be alike", func(ctx context.Context) (err error) {
				result.Alike, err = action.Alike(ctx, target.Observer)
				return err
			})
			if err != nil {
				return err
			}
		}
		result.Why, err = s.due(ctx, action, target.Observer)
		if err != nil || result.Why == "" || action.Rank == nil {
			return err
		}
		return s.looking(ctx, "the question for this host's place", func(ctx context.Context) (err error) {
			result.Rank, err = action.Rank(ctx, target.Observer)
			return err
		})
	})
	if err == nil && result.Why != "" && !a.Next {
		result.Refused = s.refusal(ctx, a)
	}
	if err != nil {
		result = s.unknown(ctx, a, result, err)
	}
	result.Why = s.masked(result.Why)
	return result
}

// unknown is the answer to a survey that failed: none in check mode, on a
// machine that has not got there.
func (s *session) unknown(ctx context.Context, a wire.Action, result wire.Surveyed, err error) wire.Surveyed {
	if !s.pending || ctx.Err() != nil {
		result.Failure = s.report(ctx, a.Role, a.Name, "look whether "+a.Name+" is due", err)
		return result
	}
	s.emit(runner.Event{
		Event: runner.EventStep, Role: a.Role, Action: a.Name, Step: a.Name, State: runner.Skipped,
		Why: "not known before the steps above are made",
	})
	return wire.Surveyed{}
}

// refusal is why the action may not begin on this host, though it is due. On
// the host itself the action waits for that.
func (s *session) refusal(ctx context.Context, a wire.Action) *runner.Failure {
	var err error
	_ = guard(func() error {
		action, target, notFound := s.action(a)
		if notFound != nil || action.Early == nil || s.setup.Wait {
			return notFound
		}
		err = s.looking(ctx, "the gate before "+a.Name, func(ctx context.Context) error { return action.Early(ctx, target.Observer) })
		return nil
	})
	if err == nil {
		return nil
	}
	return s.failure(runner.Refuse("gate before %s: %w", a.Name, err))
}

func (s *session) due(ctx context.Context, action runner.Action, o *runner.Observer) (why string, err error) {
	if action.Due == nil {
		return "asked for", nil
	}
	err = s.looking(ctx, "the question whether it is due", func(ctx context.Context) (err error) {
		why, err = action.Due(ctx, o)
		return err
	})
	return why, err
}

// turn carries out an action: for a OneByOne action only while this host
// holds the cluster's turn, and only if it is still due then.
func (s *session) turn(ctx context.Context, a wire.Action) *runner.Failure {
	told := s.told
	err := guard(func() error {
		action, target, err := s.action(a)
		if err != nil {
			return err
		}
		if !action.OneByOne || target.Check {
			return s.act(ctx, a, action, target)
		}
		keeper := s.keeper()
		if keeper == nil {
			return runner.Refuse("%s %s interrupts a service and wants the cluster's turn, but no role of this cluster keeps one (etcd)", a.Role, a.Name)
		}
		queued := s.box.doing.begin(queue)
		held, release, err := keeper.TakeTurn(ctx, target, s.worker.Host, a.Role+" "+a.Name, a.Rank)
		queued()
		if err != nil {
			return err
		}
		defer release()
		return cut(held, s.act(held, a, action, target))
	})
	if err != nil {
		return s.report(ctx, a.Role, a.Name, a.Name, err)
	}
	if s.told == told { // gates alone, no steps: one line for it
		s.unchanged(a, "")
	}
	return nil
}

func (s *session) keeper() runner.TurnKeeper {
	for _, entry := range s.worker.Registry {
		if keeper, ok := s.roles[entry.Name].(runner.TurnKeeper); ok {
			return keeper
		}
	}
	return nil
}

func (s *session) act(ctx context.Context, a wire.Action, action runner.Action, t *runner.Target) error {
	why, err := s.due(ctx, action, t.Observer)
	if err != nil {
		return err
	}
	if why == "" {
		s.unchanged(a, "nothing due")
		return nil
	}
	s.emit(runner.Event{Event: runner.EventStart, Role: a.Role, Action: a.Name, Step: a.Name, Why: why})
	if t.Check {
		s.foretell(ctx, a, action, t)
		return action.Do(ctx, t)
	}
	return s.between(ctx, a, action, t)
}

// between carries an action out between its gates.
func (s *session) between(ctx context.Context, a wire.Action, action runner.Action, t *runner.Target) error {
	first := action.Before
	if first == nil {
		first = action.Gate
	}
	if first != nil {
		// On the host itself nobody knows whether another has just had its turn.
		before := time.Duration(0)
		if a.Next || s.setup.Wait {
			before = settleTime(action)
		}
		if err := s.pass(ctx, "gate before "+a.Name, before, a, first, t); err != nil {
			return runner.Refuse("gate before %s: %w", a.Name, err)
		}
	}
	if err := action.Do(ctx, t); err != nil || action.Gate == nil {
		return err
	}
	if err := s.pass(ctx, "gate after "+a.Name, settleTime(action), a, action.Gate, t); err != nil {
		return fmt.Errorf("the cluster is not well %s after %s: %w", settleTime(action), a.Name, err)
	}
	return nil
}

type gateFunc func(ctx context.Context, o *runner.Observer) error

// foretell warns in check mode of what the gate would refuse.
func (s *session) foretell(ctx context.Context, a wire.Action, action runner.Action, t *runner.Target) {
	for _, gate := range []gateFunc{action.Early, action.Before} {
		if gate == nil {
			continue
		}
		if err := s.looking(ctx, "the gate before "+a.Name, func(ctx context.Context) error { return gate(ctx, t.Observer) }); err != nil {
			t.Warn("%s on %s would be refused now: %v", a.Name, t.Host.Name, err)
		}
	}
}

func settleTime(action runner.Action) time.Duration {
	if action.Settle == 0 {
		return settle
	}
	return action.Settle
}

func (s *session) unchanged(a wire.Action, why string) {
	s.emit(runner.Event{Event: runner.EventStep, Role: a.Role, Action: a.Name, Step: a.Name, State: runner.Unchanged, Why: why})
}

// pass waits for the gate to pass; it is asked at least once.
func (s *session) pass(ctx context.Context, step string, limit time.Duration, a wire.Action, gate gateFunc, t *runner.Target) error {
	began := time.Now()
	for {
		err := s.looking(ctx, step, func(ctx context.Context) error { return gate(ctx, t.Observer) })
		if err == nil {
			s.emit(runner.Event{
				Event: runner.EventStep, Role: a.Role, Action: a.Name, Step: step,
				State: runner.Unchanged, MS: time.Since(began).Milliseconds(),
			})
			return nil
		}
		if time.Since(began) >= limit {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(time.Second): // between two looks
		}
	}
}
