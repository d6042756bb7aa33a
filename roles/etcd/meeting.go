package etcd

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/pgrun/pgrun/modules"
)

// meeting is how members without data find out about each other: each answers
// on its own peer port that it has none, and asks the others.
type meeting struct {
	*machine
	known    string // id of the cluster that this host was a member of
	patience time.Duration

	decision Decision
	lock     sync.Mutex
	seen     []string
}

const (
	lookEvery = 500 * time.Millisecond
	// lingerFor bounds how long a member that knows enough answers on for
	// those that do not. They follow it also when they see its etcd.
	lingerFor = 10 * time.Second
)

func (*meeting) name() string { return "find the other etcd members" }

func (g *meeting) module() modules.Module {
	return modules.Func{Name: g.name(), Find: func(context.Context, modules.Reader) (*modules.Change, error) {
		return &modules.Change{
			Summary: "no data here", Waits: true,
			Deadline: g.patience + lingerFor + 4*lookDeadline,
			Apply:    g.hold,
		}, nil
	}}
}

// hold answers and asks until there is a verdict.
func (g *meeting) hold(ctx context.Context, h modules.Host) error {
	stop, err := h.Announce(ctx, hostPort(g.me.PeerURL), noDataPath, g.notice)
	if err != nil {
		return fmt.Errorf("answer others on %s: %w", g.me.PeerURL, err)
	}
	defer stop()
	end := time.Now().Add(g.patience)
	for {
		g.decision = g.look(ctx, h.Get, time.Now().After(end))
		if g.decision.Verdict != Wait {
			break
		}
		if err := pause(ctx, lookEvery); err != nil {
			return err
		}
	}
	if g.decision.Verdict == Found || g.decision.Verdict == Refuse && g.known != "" {
		return g.linger(ctx, h)
	}
	return nil
}

// look asks all others once and decides.
func (g *meeting) look(ctx context.Context, get sender, last bool) Decision {
	evidence := lookAtAll(ctx, get, g.view.Cluster, g.others())
	var seen []string
	for name, e := range evidence {
		if e.seen() {
			seen = append(seen, name)
		}
	}
	slices.Sort(seen)
	g.lock.Lock()
	g.seen = seen
	g.lock.Unlock()
	return decide(Question{
		Me: g.me, Members: g.members, Without: g.BootstrapWithout,
		Marker: g.known, MarkerPath: g.marker(), Evidence: evidence, Last: last,
	})
}

func (g *meeting) notice() []byte {
	g.lock.Lock()
	defer g.lock.Unlock()
	founders := Question{Members: g.members, Without: g.BootstrapWithout}.founders()
	text, err := json.Marshal(notice{
		Cluster: g.view.Cluster, Host: g.me.Name, Founders: initialCluster(founders), Marker: g.known, Seen: g.seen,
	})
	if err != nil {
		panic(err) // strings always marshal
	}
	return text
}

// linger keeps answering until every other founder has seen all that it needs
// or runs etcd: whoever stopped at once might leave another asking in vain.
func (g *meeting) linger(ctx context.Context, h modules.Host) error {
	end := time.Now().Add(lingerFor)
	founders := Question{Members: g.others(), Without: g.BootstrapWithout}.founders()
	for {
		evidence := lookAtAll(ctx, h.Get, g.view.Cluster, founders)
		waiting := slices.ContainsFunc(founders, func(m Member) bool {
			e := evidence[m.Name]
			return e.Sight == NoData && !sawAll(e.Seen, m.Name, append(names(founders), g.me.Name))
		})
		if !waiting || time.Now().After(end) {
			return nil
		}
		if err := pause(ctx, lookEvery); err != nil {
			return err
		}
	}
}

func sawAll(seen []string, self string, founders []string) bool {
	for _, name := range founders {
		if name != self && !slices.Contains(seen, name) {
			return false
		}
	}
	return true
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
