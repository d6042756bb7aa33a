package etcd

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/roletest"
)

// mortal is a host whose worker dies at one of its deeds, before or after it.
type mortal struct {
	modules.Host
	lock  sync.Mutex
	left  int // deeds
	after bool
	die   context.CancelCauseFunc
}

var errKilled = errors.New("the worker was killed")

func (m *mortal) deed(do func() error) error {
	m.lock.Lock()
	m.left--
	left := m.left
	m.lock.Unlock()
	switch {
	case left == 0:
		if m.after {
			_ = do()
		}
		m.die(errKilled)
		return errKilled
	case left < 0:
		return errKilled
	}
	return do()
}

func (m *mortal) WriteFile(ctx context.Context, c modules.Content) error {
	return m.deed(func() error { return m.Host.WriteFile(ctx, c) })
}

func (m *mortal) Remove(ctx context.Context, path string) error {
	return m.deed(func() error { return m.Host.Remove(ctx, path) })
}

func (m *mortal) Job(ctx context.Context, unit, verb string) error {
	return m.deed(func() error { return m.Host.Job(ctx, unit, verb) })
}

func (m *mortal) Get(ctx context.Context, r modules.Request) (response *modules.Response, err error) {
	err = m.deed(func() (err error) { response, err = m.Host.Get(ctx, r); return err })
	return response, err
}

// founding is an inventory of so many hosts.
func founding(count int, patience time.Duration) roletest.Cluster {
	c := inventory("")
	c.Hosts, c.Patience = nil, patience
	for i := range count {
		c.Hosts = append(c.Hosts, roletest.Host{Name: fmt.Sprintf("db%d", i+1), Address: fmt.Sprintf("10.0.0.%d", i+1), Groups: []string{Name}})
	}
	return c
}

// Founding is broken off at any moment on any of the hosts, some of which lose
// their power too. Whatever order they come back in, one cluster stands in the
// end, and there never was a second one.
func TestFoundingBrokenOffAnywhere(t *testing.T) {
	for _, count := range []int{1, 3, 5} {
		for seed := range uint64(40) {
			t.Run(fmt.Sprintf("%d hosts, seed %d", count, seed), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					chance := rand.New(rand.NewPCG(uint64(count), seed))
					w := newWorld(t, count)
					for range 1 + chance.IntN(3) {
						w.broken(t, chance)
						for _, h := range w.sorted() {
							if chance.IntN(3) == 0 {
								w.reboot(h)
							}
						}
					}
					w.whole(t, chance)
				})
			})
		}
	}
}

func (w *world) sorted() []*worldHost {
	var list []*worldHost
	for _, h := range w.hosts {
		list = append(list, h)
	}
	slices.SortFunc(list, func(a, b *worldHost) int { return int(a.name[2]) - int(b.name[2]) })
	return list
}

// broken starts some of the hosts, pushed or by themselves, and kills some.
func (w *world) broken(t *testing.T, chance *rand.Rand) {
	var group sync.WaitGroup
	for _, h := range w.sorted() {
		if chance.IntN(4) == 0 {
			continue
		}
		patience := []time.Duration{2 * time.Minute, 20 * time.Minute}[chance.IntN(2)]
		m := &mortal{Host: h.Host, left: 1 + chance.IntN(80), after: chance.IntN(2) == 0}
		delay := time.Duration(chance.IntN(30000)) * time.Millisecond
		group.Go(func() {
			time.Sleep(delay)
			ctx, die := context.WithCancelCause(t.Context())
			defer die(nil)
			m.die = die
			c := founding(len(w.hosts), patience)
			target, _ := c.Target(t, h.name, Name, m, false)
			_ = c.Role(t, h.name, Name).Apply(ctx, target)
		})
	}
	group.Wait()
}

// whole lets all hosts run to their end.
func (w *world) whole(t *testing.T, chance *rand.Rand) {
	c := founding(len(w.hosts), 2*time.Minute)
	var group sync.WaitGroup
	for _, h := range w.sorted() {
		delay := time.Duration(chance.IntN(60000)) * time.Millisecond
		group.Go(func() {
			time.Sleep(delay)
			if steps, err := c.Apply(t, h.name, Name, h, false); err != nil {
				t.Errorf("%s: %v\n%s", h.name, err, steps)
			}
		})
	}
	group.Wait()
	for _, h := range w.sorted() {
		if !h.up || !w.quorum(h.cluster) || h.Content("/run/pgrun/etcd-orders.start") != "" {
			t.Errorf("%s: up %v, cluster %x", h.name, h.up, h.cluster)
		}
	}
}

// Once the cluster stands, hosts lose their data, some with their record of
// it, and some do not come back: as long as anybody has data, nobody begins
// anew. Each host runs, or is left to replace, or is refused.
func TestLostDataNeverBeginsAnew(t *testing.T) {
	for _, count := range []int{3, 5} {
		for seed := range uint64(40) {
			t.Run(fmt.Sprintf("%d hosts, seed %d", count, seed), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					chance := rand.New(rand.NewPCG(uint64(count), seed))
					w := newWorld(t, count)
					w.whole(t, chance)
					hosts := w.sorted()
					chance.Shuffle(count, func(i, j int) { hosts[i], hosts[j] = hosts[j], hosts[i] })
					for _, h := range hosts[1+chance.IntN(count-1):] {
						w.wipe(h, chance.IntN(2) == 0)
					}
					for _, h := range hosts[:chance.IntN(2)] {
						w.stop(h)
					}
					w.eachRefusedOrWell(t)
				})
			})
		}
	}
}

func (w *world) wipe(h *worldHost, record bool) {
	w.stop(h)
	w.lock.Lock()
	defer w.lock.Unlock()
	h.cluster = 0
	h.Delete(walPath)
	if record {
		h.Delete("/var/lib/pgrun/etcd-orders.json")
	}
}

func (w *world) stop(h *worldHost) {
	h.SetUnit(modules.Unit{Name: unit, ActiveState: "inactive", UnitFileState: "enabled"})
	w.lock.Lock()
	defer w.lock.Unlock()
	h.up = false
}

// eachRefusedOrWell runs all hosts that have no data, and those that run.
func (w *world) eachRefusedOrWell(t *testing.T) {
	c := founding(len(w.hosts), 10*time.Second)
	var group sync.WaitGroup
	for _, h := range w.sorted() {
		if h.cluster != 0 && !h.up {
			continue // it is away
		}
		group.Go(func() {
			steps, err := c.Apply(t, h.name, Name, h, false)
			if err != nil && h.cluster == 0 && !runner.IsRefused(err) {
				t.Errorf("%s: %v\n%s", h.name, err, steps)
			}
			if err == nil && h.cluster == 0 && !strings.Contains(steps.String(), "the action replace brings it in") {
				t.Errorf("%s:\n%s", h.name, steps)
			}
		})
	}
	group.Wait()
}
