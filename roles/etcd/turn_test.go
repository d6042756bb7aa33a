package etcd

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/modules/fake"
	"github.com/pgrun/pgrun/runner"
)

func takeTurn(t *testing.T, ctx context.Context, s *simulator, host string) (context.Context, func(), error) {
	t.Helper()
	h := fake.New()
	s.on(h)
	target, _ := inventory("").Target(t, host, Name, h, false)
	keeper := inventory("").Role(t, host, Name).(runner.TurnKeeper)
	return keeper.TakeTurn(ctx, target, h, "restart", 0)
}

func TestOneHostHoldsTheTurn(t *testing.T) {
	s := threeHealthy("db1")
	held, release, err := takeTurn(t, t.Context(), s, "db1")
	if err != nil {
		t.Fatal(err)
	}
	if held.Err() != nil {
		t.Error("the turn is lost already")
	}
	taken := make(chan error, 1)
	go func() {
		_, second, err := takeTurn(t, t.Context(), s, "lb1") // any host of the cluster
		if err == nil {
			second()
		}
		taken <- err
	}()
	select {
	case err := <-taken:
		t.Fatalf("two hosts hold the turn: %v", err)
	case <-queuedUp(s, 2):
	}
	release()
	if held.Err() == nil {
		t.Error("the context of a turn that was given back goes on")
	}
	if err := <-taken; err != nil {
		t.Error(err)
	}
	s.set(func() {
		if len(s.keys) > 0 {
			t.Errorf("keys are left: %v", s.keys)
		}
	})
}

// queuedUp closes when so many hosts are in the queue.
func queuedUp(s *simulator, count int) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		for waiting := 0; waiting < count; {
			waiting = 0
			s.set(func() {
				for key := range s.keys {
					if strings.HasPrefix(key, "/pgrun/orders/queue/") {
						waiting++
					}
				}
			})
			_ = pause(context.Background(), lookEvery/50)
		}
		close(done)
	}()
	return done
}

func TestWaitingEndsWithTheContext(t *testing.T) {
	s := threeHealthy("db1")
	_, release, err := takeTurn(t, t.Context(), s, "db1")
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-queuedUp(s, 2)
		cancel()
	}()
	if _, _, err := takeTurn(t, ctx, s, "db2"); err == nil {
		t.Fatal("it holds the turn of another")
	}
	s.set(func() {
		var keys []string
		for key := range s.keys {
			keys = append(keys, key)
		}
		slices.Sort(keys)
		if want := []string{"/pgrun/orders/queue/00000-db1", "/pgrun/orders/turn"}; !slices.Equal(keys, want) {
			t.Errorf("keys are %v, want %v", keys, want)
		}
	})
}

func TestTurnWithoutQuorumIsRefused(t *testing.T) {
	s := threeHealthy("db1")
	s.member("db1").up, s.member("db2").up = false, false
	if _, _, err := takeTurn(t, t.Context(), s, "db3"); !runner.IsRefused(err) {
		t.Errorf("%v", err)
	}
}

func TestTurnThroughTheMembersThatAnswer(t *testing.T) {
	s := threeHealthy("db1")
	s.member("db1").up = false
	_, release, err := takeTurn(t, t.Context(), s, "db1")
	if err != nil {
		t.Fatal(err)
	}
	release()
}

func TestTurnRanks(t *testing.T) {
	u := &turn{cluster: "orders", host: "db1", rank: 12}
	v := &turn{cluster: "orders", host: "db2", rank: 2}
	if u.place() < v.place() {
		t.Errorf("%s comes before %s", u.place(), v.place())
	}
}

func TestTurnIsLostWithItsLease(t *testing.T) {
	for name, c := range map[string]struct {
		break_ func(*simulator)
		want   string
	}{
		"no quorum":     {func(s *simulator) { s.member("db1").up, s.member("db2").up = false, false }, "could not be renewed for 20ms"},
		"it ran out":    {func(s *simulator) { s.expired = true }, "its lease ran out"},
		"one went away": {func(s *simulator) { s.member("db1").up = false }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := threeHealthy("db1")
			h := fake.New()
			s.on(h)
			u := newTurn(gateway{send: h.Send, endpoints: clientURLs(three())}, "orders", "db1", "restart", 0)
			u.renewal, u.retry, u.lost = time.Millisecond, time.Millisecond, 20*time.Millisecond
			if err := u.grant(t.Context()); err != nil {
				t.Fatal(err)
			}
			s.set(func() { c.break_(s) })
			held, lose := context.WithCancelCause(t.Context())
			if c.want == "" {
				time.AfterFunc(100*time.Millisecond, func() { lose(context.Canceled) })
			}
			u.keep(held, lose)
			if c.want == "" {
				if context.Cause(held) != context.Canceled {
					t.Errorf("lost though others renew it: %v", context.Cause(held))
				}
				return
			}
			if cause := context.Cause(held); cause == nil || !strings.Contains(cause.Error(), c.want) {
				t.Errorf("%v, want %q", cause, c.want)
			}
		})
	}
}

// Etcd counts from when it took a renewal, not from when the answer came.
func TestTurnIsGivenUpBeforeTheLeaseRunsOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const slow = 9 * time.Second
		s := threeHealthy("db1")
		h := fake.New()
		s.on(h)
		var renewed time.Time
		h.Handle("POST", "http://10.0.0.1:2379/v3/lease/keepalive", func(r modules.Request) (*modules.Response, error) {
			if renewed.IsZero() {
				renewed = time.Now()
				response, err := s.serve(r)
				time.Sleep(slow)
				return response, err
			}
			time.Sleep(slow)
			return nil, errors.New("no answer")
		})
		u := newTurn(gateway{send: h.Send, endpoints: clientURLs(three()[:1])}, "orders", "db1", "restart", 0)
		if err := u.grant(t.Context()); err != nil {
			t.Fatal(err)
		}
		held, lose := context.WithCancelCause(t.Context())
		u.keep(held, lose)
		if kept := time.Since(renewed); held.Err() == nil || kept >= turnTTL {
			t.Errorf("it holds on for %s after the last renewal (%v)", kept, context.Cause(held))
		}
	})
}

// A worker that was killed in its turn leaves it behind: the others, and the
// next run on the same host, wait until the lease has ended, and say for whom.
func TestTurnOfADeadWorker(t *testing.T) {
	for host, want := range map[string]string{
		"db1": "waits: an earlier run on db1 holds the turn (etcd restart), for 1m0s at most",
		"db2": "waits: db1 holds the turn (etcd restart)",
	} {
		t.Run(host, inBubble(func(t *testing.T) {
			s := threeHealthy("db1")
			dead := newTurn(gateway{send: s.send, endpoints: clientURLs(three())}, "orders", "db1", "etcd restart", 1)
			for _, err := range []error{dead.grant(t.Context()), dead.put(t.Context(), dead.place())} {
				if err != nil {
					t.Fatal(err)
				}
			}
			if taken, err := dead.take(t.Context()); err != nil || !taken {
				t.Fatal(taken, err)
			}
			time.AfterFunc(turnTTL, func() { s.expire(dead.lease) })
			h := fake.New()
			s.on(h)
			target, steps := inventory("").Target(t, host, Name, h, false)
			began := time.Now()
			_, release, err := inventory("").Role(t, host, Name).(runner.TurnKeeper).TakeTurn(t.Context(), target, h, "restart", 0)
			if err != nil {
				t.Fatal(err)
			}
			release()
			if waited := time.Since(began); waited < turnTTL || waited > turnTTL+2*turnPoll {
				t.Errorf("it waited %s", waited)
			}
			if !strings.Contains(steps.String(), want) {
				t.Errorf("it says\n%swant %q", steps, want)
			}
		}))
	}
}
