package etcd

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

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
			u := &turn{
				gateway: gateway{send: h.Send, endpoints: clientURLs(three())}, cluster: "orders", host: "db1",
				renewal: time.Millisecond, retry: time.Millisecond, lost: 20 * time.Millisecond,
			}
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
