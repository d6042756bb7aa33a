package control

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/pgrun/pgrun/playbooks"
	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/wire"
)

// candidate is a host whose survey says that its action is due.
type candidate struct {
	link    *link
	rank    int
	why     string
	refused *runner.Failure
}

// turns lets the hosts of each cluster act one at a time. Before each turn all
// that remain are surveyed again: the leader may have moved.
func (r *run) turns(ctx context.Context, play playbooks.Play, p part, hosts []string) {
	var group sync.WaitGroup
	for _, members := range r.byCluster(hosts) {
		group.Go(func() {
			if !r.cluster(ctx, play, p, members) {
				r.stop()
			}
		})
	}
	group.Wait()
}

func (r *run) byCluster(hosts []string) map[string][]string {
	clusters := map[string][]string{}
	for _, host := range hosts {
		cluster := r.plan.fleet.byName[host].cluster
		clusters[cluster] = append(clusters[cluster], host)
	}
	return clusters
}

// cluster goes through one cluster; false ends the run.
func (r *run) cluster(ctx context.Context, play playbooks.Play, p part, hosts []string) bool {
	done, again := map[string]bool{}, map[string]bool{}
	for !r.isStopped() {
		waiting := slices.DeleteFunc(r.present(hosts), func(l *link) bool { return done[l.host] })
		due, ok := r.survey(ctx, play, p, waiting, len(done) > 0)
		if !ok {
			return false
		}
		if len(due) == 0 && len(again) > 0 {
			maps.DeleteFunc(done, func(host string, _ bool) bool { return again[host] })
			clear(again)
			continue
		}
		if r.nothingToDo(due, waiting, play, p, hosts) {
			return true
		}
		if !r.options.Check && r.mayNotBegin(due, play, p, hosts, len(done) == 0) {
			return false
		}
		next := due[0]
		turn := *p.action
		turn.Rank, turn.Next = next.rank, len(done) > 0
		more, err := r.turn(ctx, next.link, play, turn)
		if err != nil {
			r.stoppedAt(next.link.host, play, p, done, due[1:])
			return false
		}
		if p.once {
			return true
		}
		done[next.link.host] = true
		if more {
			again[next.link.host] = true
		}
	}
	return true
}

// nothingToDo tells that no host is due, or that what is due waits.
func (r *run) nothingToDo(due []candidate, waiting []*link, play playbooks.Play, p part, hosts []string) bool {
	switch {
	case len(due) == 0:
		r.nothingDue(waiting, play, p)
	case r.postponed(p, hosts):
		r.leave(due, play, p)
	default:
		return false
	}
	return true
}

// mayNotBegin refuses a turn while a host of the play cannot be seen, and the
// first one while the gate of any host is closed.
func (r *run) mayNotBegin(due []candidate, play playbooks.Play, p part, hosts []string, first bool) bool {
	if missing := r.missing(hosts); len(missing) > 0 {
		r.refuse(due[0].link, play, p, missing)
		return true
	}
	return first && r.refusedBefore(due, play, p)
}

// stoppedAt tells what is done, what is not, and how to go on.
func (r *run) stoppedAt(host string, play playbooks.Play, p part, done map[string]bool, rest []candidate) {
	waiting := make([]string, len(rest))
	for i, c := range rest {
		waiting[i] = c.link.host
	}
	next := "Run"
	if !r.isStopped() {
		next = "Mend " + host + ", then run"
	}
	r.emit(runner.Event{
		Event: runner.EventNote, Play: play.Name, Role: p.action.Role, Action: p.action.Name,
		Why: fmt.Sprintf("stopped at %s; done: %s; not touched: %s. %s the same command again: it goes on from there",
			host, list(slices.Sorted(maps.Keys(done))), list(waiting), next),
	})
}

func list(hosts []string) string {
	if len(hosts) == 0 {
		return "none"
	}
	return strings.Join(hosts, ", ")
}

// nothingDue tells that hosts had no turn, and why that is good.
func (r *run) nothingDue(links []*link, play playbooks.Play, p part) {
	for _, l := range links {
		r.event(l.host, play.Name, runner.Event{
			Event: runner.EventStep, Role: p.action.Role, Action: p.action.Name, Step: p.action.Name,
			State: runner.Unchanged, Why: "nothing due",
		})
	}
}

// survey asks hosts at once whether the action is due, and returns those that
// are in their order: lowest rank first, then the inventory's order.
func (r *run) survey(ctx context.Context, play playbooks.Play, p part, links []*link, next bool) ([]candidate, bool) {
	surveys, ok := r.ask(ctx, play, p, links, next)
	if !ok {
		return nil, false
	}
	return order(links, surveys), true
}

// ask surveys hosts at once. A host that fails to answer leaves the run; false
// says that there was one.
func (r *run) ask(ctx context.Context, play playbooks.Play, p part, links []*link, next bool) ([]*wire.Surveyed, bool) {
	question := *p.action
	question.Next = next
	surveys := make([]*wire.Surveyed, len(links))
	index := map[*link]int{}
	for i, l := range links {
		index[l] = i
	}
	r.each(links, func(l *link) {
		l.play.Store(&play.Name)
		reply, err := l.call(ctx, wire.Request{Survey: &question})
		switch {
		case err != nil:
		case reply.Surveyed == nil:
			err = l.unreachable(wire.ErrFrame)
		case reply.Surveyed.Failure != nil:
			err = &workerFailure{reply.Surveyed.Failure}
		}
		if err != nil {
			r.fail(l, play, err)
			return
		}
		surveys[index[l]] = reply.Surveyed
	})
	return surveys, !slices.Contains(surveys, nil)
}

func order(links []*link, surveys []*wire.Surveyed) []candidate {
	var due []candidate
	for i, s := range surveys {
		if s.Why != "" {
			due = append(due, candidate{link: links[i], rank: s.Rank, why: s.Why, refused: s.Refused})
		}
	}
	slices.SortStableFunc(due, func(a, b candidate) int { return cmp.Compare(a.rank, b.rank) })
	return due
}

// missing names the hosts of a play that left the run.
func (r *run) missing(hosts []string) []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(hosts), func(host string) bool {
		_, present := r.links[host]
		return present || r.mayLack(host)
	})
}

func (r *run) refuse(l *link, play playbooks.Play, p part, missing []string) {
	r.event(l.host, play.Name, runner.Event{
		Event: runner.EventStep, Role: p.action.Role, Action: p.action.Name, Step: p.action.Name, State: runner.Failed,
		Failure: &runner.Failure{
			Kind:  runner.KindRefused,
			Error: fmt.Sprintf("it interrupts a service, and %s cannot be seen", strings.Join(missing, ", ")),
			Hint:  "bring that host back or take it out of the inventory, then run pgrun again",
		},
	})
}
