package control

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pgrun/pgrun/inventory"
	"github.com/pgrun/pgrun/runner"
)

// unborn is a transport that connects to nobody until the caller gives up.
type unborn struct{}

func (unborn) Open(ctx context.Context, _ inventory.Connection, _ string) (Stream, error) {
	<-ctx.Done()
	return nil, context.Cause(ctx)
}

// stopped runs onePlay on a host, stops it after a minute, and returns how long
// it took to end from there.
func stopped(l *lab, transport Transport) (Summary, time.Duration) {
	l.stop = make(chan struct{})
	began := time.Now()
	time.AfterFunc(time.Minute, func() { close(l.stop) })
	summary, _ := l.run(oneHost, onePlay, func(o *Options) { o.Transport = transport })
	return summary, time.Since(began) - time.Minute
}

func TestStopWhileConnecting(t *testing.T) {
	cases := map[string]Transport{
		"dialling": unborn{},
		"the lock is waited for": talkers(func(h talk) {
			h.say(`{"hello":{"version":"x"}}`)
			for h.heard.Scan() && h.say(`{"pong":true}`) {
			}
		}),
	}
	for name, transport := range cases {
		t.Run(name, func(t *testing.T) {
			in(t, func(t *testing.T, l *lab) {
				l.wait = true
				summary, late := stopped(l, transport)
				if late > 10*time.Second || !summary.Kinds[runner.KindInterrupted] || len(summary.Kinds) != 1 {
					t.Errorf("%+v after %s", summary, late)
				}
				if slices.ContainsFunc(l.events, func(e runner.Event) bool { return e.Failure != nil }) {
					t.Errorf("a stop is no failure: %+v", l.events)
				}
			})
		})
	}
}

// TestStopLetsTheStepInFlightEnd, however long it takes.
func TestStopLetsTheStepInFlightEnd(t *testing.T) {
	in(t, func(t *testing.T, l *lab) {
		summary, late := stopped(l, talkers(func(h talk) {
			h.comesUp()
			for h.heard.Scan() && !strings.Contains(h.heard.Text(), "stop") {
				h.say(`{"pong":true,"step":1,"left":1800000000000}`)
			}
			go h.hear("never")
			for range 60 { // an apt
				time.Sleep(10 * time.Second)
				h.say(`{"pong":true,"step":1,"left":1800000000000}`)
			}
			h.say(`{"event":{"event":"step","step":"apt","state":"changed"}}`)
			h.say(`{"done":{"failure":{"kind":"interrupted","error":"the run was stopped"}}}`)
		}))
		if late < 10*time.Minute || !summary.Kinds[runner.KindInterrupted] || len(summary.Kinds) != 1 || summary.Hosts["db1"].Changed != 1 {
			t.Errorf("%+v after %s", summary, late)
		}
	})
}

// TestAStopIsBounded by the deadline of the step in flight, whatever the host
// begins next.
func TestAStopIsBounded(t *testing.T) {
	in(t, func(t *testing.T, l *lab) {
		summary, late := stopped(l, talkers(func(h talk) {
			h.comesUp()
			go h.hear("never")
			pongs(h, 15*time.Second, func(n int) (int, time.Duration) { return 1 + n/6, 10 * time.Minute })
		}))
		if most := 10*time.Minute + grace + wrapUp + 15*time.Second; late > most || late < 10*time.Minute {
			t.Errorf("ended %s after the stop, want at most %s", late, most)
		}
		if !summary.Kinds[runner.KindInterrupted] || !summary.Kinds[runner.KindUnreachable] {
			t.Errorf("%+v", summary)
		}
	})
}

// TestAnEndAtOnce comes whatever the host does.
func TestAnEndAtOnce(t *testing.T) {
	in(t, func(t *testing.T, l *lab) {
		var cancel context.CancelFunc
		l.ctx, cancel = context.WithCancel(t.Context())
		time.AfterFunc(time.Minute, cancel)
		began := time.Now()
		summary, _ := l.run(oneHost, onePlay, func(o *Options) {
			o.Transport = stubborn{func(h talk) {
				h.comesUp()
				go h.hear("never")
				chatter(h)
			}}
		})
		if late := time.Since(began) - time.Minute; late < 0 || late > 2*abandon || !summary.Kinds[runner.KindInterrupted] || len(summary.Hosts) != 1 {
			t.Errorf("%+v after %s", summary, late)
		}
		time.Sleep(10 * time.Hour) // until everything is closed
	})
}

func TestAStoppedTurnBlamesNobody(t *testing.T) {
	in(t, func(t *testing.T, l *lab) {
		l.stop = make(chan struct{})
		summary, _ := l.run(oneHost, restartPlay, func(o *Options) {
			o.Transport = talkers(func(h talk) {
				h.say(`{"hello":{}}`)
				h.hear("setup")
				h.say(`{"ready":{}}`)
				h.hear("survey")
				h.say(`{"surveyed":{"why":"stale"}}`)
				h.hear("turn")
				close(l.stop)
				h.hear("stop")
				h.say(`{"done":{"failure":{"kind":"interrupted","error":"the run was stopped"}}}`)
				h.hear("never")
			})
		})
		if !summary.Kinds[runner.KindInterrupted] || len(summary.Kinds) != 1 {
			t.Errorf("%+v", summary)
		}
		notes := 0
		for _, e := range l.events {
			if e.Event == runner.EventNote {
				notes++
			}
			if strings.Contains(e.Why, "Mend") {
				t.Errorf("told %q", e.Why)
			}
		}
		if notes != 1 {
			t.Errorf("%d notes of how far it came", notes)
		}
	})
}

// stubborn are hosts whose connection takes an hour to close.
type stubborn struct{ talkers }

func (s stubborn) Open(ctx context.Context, c inventory.Connection, host string) (Stream, error) {
	stream, err := s.talkers.Open(ctx, c, host)
	return slowly{stream}, err
}

type slowly struct{ Stream }

func (s slowly) Close() error {
	time.Sleep(time.Hour)
	return s.Stream.Close()
}
