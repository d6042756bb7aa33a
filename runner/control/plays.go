package control

import (
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/pgrun/pgrun/playbooks"
	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/wire"
)

// play runs a play, batch by batch; its end is a barrier.
func (r *run) play(ctx context.Context, planned PlannedPlay) {
	if len(planned.Hosts) == 0 {
		return
	}
	r.emit(runner.Event{Event: runner.EventPlay, Play: planned.Play.Name})
	parts := r.parts(planned.Play)
	batches := r.batches(planned, parts)
	for i, batch := range batches {
		for _, part := range parts {
			if r.isStopped() || r.fatal(planned) {
				return
			}
			r.part(ctx, planned.Play, part, batch)
		}
		if rest := slices.Concat(batches[i+1:]...); len(rest) > 0 && len(r.present(batch)) == 0 && !r.isStopped() {
			r.end(planned.Play, "none of "+list(batch)+" got through; not touched: "+list(rest))
			return
		}
	}
	r.fatal(planned)
}

// part is what goes through a play's hosts in one flight: roles in a row, or
// one action.
type part struct {
	roles    []string
	action   *wire.Action
	oneByOne bool
	once     bool
	alike    bool // hosts compare something first
	// unanimous ends the run when a host fails that is there.
	unanimous bool
	restarts  bool // what other changes made due
}

func (r *run) parts(play playbooks.Play) []part {
	var list []part
	for _, entry := range play.Roles {
		if entry.Action != "" {
			action, _ := r.action(entry)
			list = append(list, part{
				action:   &wire.Action{Role: entry.Role, Name: entry.Action},
				oneByOne: action.OneByOne, once: action.Once, alike: action.Alike != nil, unanimous: action.Unanimous, restarts: action.Restarts,
			})
			continue
		}
		if last := len(list) - 1; last >= 0 && list[last].action == nil {
			list[last].roles = append(list[last].roles, entry.Role)
			continue
		}
		list = append(list, part{roles: []string{entry.Role}})
	}
	return list
}

func (r *run) action(entry playbooks.RoleEntry) (runner.Action, bool) {
	return findAction(r.options.Registry, entry)
}

func findAction(registry runner.Registry, entry playbooks.RoleEntry) (runner.Action, bool) {
	found, ok := registry.Find(entry.Role)
	if !ok {
		return runner.Action{}, false
	}
	actor, ok := found.New().(runner.Actor)
	if !ok {
		return runner.Action{}, false
	}
	for _, action := range actor.Actions() {
		if action.Name == entry.Action {
			return action, true
		}
	}
	return runner.Action{}, false
}

func (r *run) part(ctx context.Context, play playbooks.Play, p part, hosts []string) {
	if p.alike && !r.alike(ctx, play, p, hosts) {
		r.stop()
		return
	}
	if p.oneByOne {
		r.turns(ctx, play, p, hosts)
		return
	}
	request := wire.Request{Apply: &wire.Apply{Roles: p.roles}}
	if p.action != nil {
		request = wire.Request{Turn: p.action}
	}
	r.each(r.present(hosts), func(l *link) {
		_, err := r.work(ctx, l, play, request)
		var said *workerFailure
		switch {
		case err == nil || r.isStopped():
		case p.unanimous && errors.As(err, &said):
			r.end(play, "stopped: "+l.host+" fails, and this must hold on all hosts")
		case play.AnyErrorsFatal:
			r.end(play, "stopped: "+l.host+" failed (any_errors_fatal)")
		}
	})
}

// work lets a host do something and drops it from the run when it fails.
func (r *run) work(ctx context.Context, l *link, play playbooks.Play, request wire.Request) (*wire.Done, error) {
	name := play.Name
	l.play.Store(&name)
	reply, err := l.call(ctx, request)
	switch {
	case err != nil:
	case reply.Done == nil:
		err = l.unreachable(wire.ErrFrame)
	case reply.Done.Failure != nil:
		err = &workerFailure{reply.Done.Failure}
	default:
		return reply.Done, nil
	}
	r.fail(l, play, err)
	return nil, err
}

// turn lets a host act, and says whether it needs another turn after the
// others.
func (r *run) turn(ctx context.Context, l *link, play playbooks.Play, turn wire.Action) (again bool, err error) {
	done, err := r.work(ctx, l, play, wire.Request{Turn: &turn})
	return err == nil && done.Again, err
}

// fail drops a host. A failure that the worker told in a step is not told
// again, nor is the end that a stopped run asked for.
func (r *run) fail(l *link, play playbooks.Play, err error) {
	var told *workerFailure
	if !errors.As(err, &told) || !r.known(l.host, told.failure) {
		r.drop(l.host, play.Name, err)
		return
	}
	r.mu.Lock()
	delete(r.links, l.host)
	r.mu.Unlock()
	l.cut(err)
}

func (r *run) known(host string, failure *runner.Failure) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.counts[host].Failed > 0 || r.stopped && failure.Kind == runner.KindInterrupted
}

// present returns the links of those hosts that are still in the run.
func (r *run) present(hosts []string) []*link {
	r.mu.Lock()
	defer r.mu.Unlock()
	var list []*link
	for _, host := range hosts {
		if l, ok := r.links[host]; ok {
			list = append(list, l)
		}
	}
	return list
}

// each does something on hosts at once and waits for all.
func (r *run) each(links []*link, do func(*link)) {
	var group sync.WaitGroup
	for _, l := range links {
		group.Go(func() { do(l) })
	}
	group.Wait()
}
