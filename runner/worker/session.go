package worker

import (
	"context"
	"fmt"
	"io"
	"runtime/debug"
	"strings"

	"github.com/pgrun/pgrun/config"
	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/wire"
)

// session is what a worker knows of its run.
type session struct {
	worker Worker
	box    *outbox
	mask   *config.Masker

	peers []runner.Peer
	setup *wire.Setup
	roles map[string]runner.Role
	facts runner.Facts
	lock  io.Closer
	told  int // steps

	// pending says that check mode left a step of this run unmade.
	pending bool
	// again says that the action under way wants another turn.
	again bool
	// preview is the machine with the changes that check mode left out.
	preview *modules.Preview
}

func newSession(w Worker, box *outbox) *session {
	return &session{worker: w, box: box, mask: &config.Masker{}}
}

func (s *session) close() {
	if s.lock != nil {
		_ = s.lock.Close()
	}
}

func (s *session) handle(ctx context.Context, r wire.Request) {
	switch {
	case r.Peers != nil:
		for _, p := range r.Peers {
			peer := runner.Peer{Name: p.Name, Address: p.Address, Groups: p.Groups}
			s.peers = append(s.peers, peer.WithPublished(p.Published))
		}
	case r.Setup != nil:
		s.box.send(wire.Reply{Ready: &wire.Ready{Failure: s.failure(s.prepare(ctx, r.Setup))}})
	case s.setup == nil:
		s.box.send(wire.Reply{Done: &wire.Done{Failure: s.failure(fmt.Errorf("work before the set-up"))}})
	case r.Apply != nil:
		s.busy(func() wire.Reply { return wire.Reply{Done: &wire.Done{Failure: s.apply(ctx, r.Apply.Roles)}} })
	case r.Survey != nil:
		s.busy(func() wire.Reply {
			surveyed := s.survey(ctx, *r.Survey)
			return wire.Reply{Surveyed: &surveyed}
		})
	case r.Turn != nil:
		s.busy(func() wire.Reply {
			s.again = false
			failure := s.turn(ctx, *r.Turn)
			return wire.Reply{Done: &wire.Done{Failure: failure, Again: s.again}}
		})
	}
}

// busy answers a request for work.
func (s *session) busy(work func() wire.Reply) {
	s.box.doing.begin(between)
	reply := work()
	s.box.doing.rest()
	s.box.send(reply)
}

// looking runs what only looks: within a minute, or it is an error.
func (s *session) looking(ctx context.Context, what string, do func(ctx context.Context) error) error {
	defer s.box.doing.begin(look)()
	late := fmt.Errorf("%s took longer than %s", what, look)
	bounded, cancel := context.WithTimeoutCause(ctx, look, late)
	defer cancel()
	err := do(bounded)
	if err != nil && ctx.Err() == nil && bounded.Err() != nil {
		return fmt.Errorf("%w: %w", late, err)
	}
	return err
}

// prepare decodes the sections and takes the host's lock.
func (s *session) prepare(ctx context.Context, setup *wire.Setup) error {
	s.roles = map[string]runner.Role{}
	for name, text := range setup.Sections {
		entry, ok := s.worker.Registry.Find(name)
		if !ok {
			return fmt.Errorf("this pgrun has no role %s", name)
		}
		role := entry.New()
		if text != "" { // no section: the role's defaults
			if err := config.DecodeText(text, role); err != nil {
				return fmt.Errorf("section %s: %w", name, err)
			}
		}
		s.mask.Add(config.SecretsIn(role)...)
		s.roles[name] = role
	}
	lock, err := takeLock(ctx, s.worker.LockPath, setup.Owner, setup.Check, setup.Wait)
	if err != nil {
		return err
	}
	s.lock, s.setup, s.facts = lock, setup, s.worker.Facts()
	if setup.Check {
		s.preview = modules.NewPreview(s.worker.Host)
	}
	return nil
}

// reader is the machine as steps and roles see it.
func (s *session) reader() modules.Reader {
	if s.preview != nil {
		return s.preview
	}
	return s.worker.Host
}

// apply lets roles converge the host, in order; the first that fails ends it.
func (s *session) apply(ctx context.Context, names []string) *runner.Failure {
	for _, name := range names {
		role, target, err := s.target(name, "")
		if err == nil {
			err = guard(func() error { return role.Apply(ctx, target) })
		}
		if err != nil {
			return s.report(ctx, name, "", "apply", cut(ctx, err))
		}
	}
	return nil
}

// target prepares a role, or an action of it, to run.
func (s *session) target(name, action string) (runner.Role, *runner.Target, error) {
	role, ok := s.roles[name]
	if !ok {
		return nil, nil, fmt.Errorf("role %s was not announced for this host", name)
	}
	engine := &engine{session: s, role: name, action: action}
	observer := &runner.Observer{View: s.view(name), Reader: s.reader(), Facts: s.facts, Given: s.setup.Given, LeftOut: s.setup.LeftOut}
	return role, runner.NewTarget(observer, engine, s.setup.Check, s.setup.Patience), nil
}

func (s *session) view(name string) *runner.View {
	sections := map[string]runner.Role{name: s.roles[name]}
	if entry, ok := s.worker.Registry.Find(name); ok {
		for _, other := range entry.Reads {
			if section, ok := s.roles[other]; ok {
				sections[other] = section
			}
		}
	}
	var me runner.Peer
	for _, p := range s.peers {
		if p.Name == s.setup.Host {
			me = p
		}
	}
	return runner.NewView(s.setup.Cluster, me, s.peers, sections, nil)
}

// guard turns a panic of a role into an error: one role's mistake must not
// leave the host without a word.
func guard(do func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			stack := strings.Split(string(debug.Stack()), "\n")
			err = &panicError{value: r, stack: stack[:min(len(stack), 30)]}
		}
	}()
	return do()
}

type panicError struct {
	value any
	stack []string
}

func (e *panicError) Error() string {
	return fmt.Sprintf("panic: %v\n%s", e.value, strings.Join(e.stack, "\n"))
}
