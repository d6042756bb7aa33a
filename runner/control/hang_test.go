package control

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/pgrun/pgrun/inventory"
	"github.com/pgrun/pgrun/runner"
)

// talk is a host that a test speaks for. It hears each frame as a line.
type talk struct {
	host  string
	out   io.Writer
	heard *bufio.Scanner
}

// say writes a line; false: nobody listens any more.
func (h talk) say(line string) bool { return h.part(line + "\n") }

func (h talk) part(text string) bool {
	_, err := io.WriteString(h.out, text)
	return err == nil
}

// comesUp is what a good worker says until it has work.
func (h talk) comesUp() {
	h.say(`{"hello":{"version":"x"}}`)
	h.hear("setup")
	h.say(`{"ready":{}}`)
	h.hear("apply")
}

// hear returns when a frame came that has the text, or at the end.
func (h talk) hear(text string) {
	for h.heard.Scan() && !strings.Contains(h.heard.Text(), text) {
	}
}

// talkers is a transport to such hosts.
type talkers func(h talk)

func (f talkers) Open(_ context.Context, _ inventory.Connection, host string) (Stream, error) {
	requests, in := io.Pipe()
	out, replies := io.Pipe()
	done := make(chan struct{})
	go func() {
		defer close(done)
		f(talk{host: host, out: replies, heard: bufio.NewScanner(requests)})
		_ = replies.Close()
		_, _ = io.Copy(io.Discard, requests)
	}()
	return &pipes{in: in, out: out, done: done}, nil
}

// in runs a test in a world of its own, whose clock goes on when nobody works:
// what would wait for ever, or is left behind, fails.
func in(t *testing.T, do func(t *testing.T, l *lab)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { do(t, newLab(t)) })
}

const onePlay = "- {name: mine, hosts: all, roles: [thing]}\n"

func TestAHostThatHangsIsUnreachable(t *testing.T) {
	const hello, ready = `{"hello":{"version":"x"}}`, `{"ready":{}}`
	cases := map[string]talkers{
		"before hello":  func(h talk) { h.hear("never") },
		"before ready":  func(h talk) { h.say(hello); h.hear("never") },
		"in its work":   func(h talk) { h.say(hello); h.hear("setup"); h.say(ready); h.hear("never") },
		"reads nothing": func(h talk) { h.say(hello); chatter(h) },
		"reads nothing after the set-up": func(h talk) {
			h.say(hello)
			h.hear("setup")
			h.say(ready)
			chatter(h)
		},
		"a frame that never ends": func(h talk) {
			h.say(hello)
			h.hear("setup")
			h.say(ready)
			for h.part(`{`) {
				time.Sleep(10 * time.Second)
			}
		},
	}
	for name, host := range cases {
		t.Run(name, func(t *testing.T) {
			in(t, func(t *testing.T, l *lab) {
				began := time.Now()
				summary, problems := l.run(oneHost, onePlay, func(o *Options) { o.Transport = host })
				if problems != "" || time.Since(began) > 2*time.Minute {
					t.Errorf("%s after %s", problems, time.Since(began))
				}
				if !summary.Kinds[runner.KindUnreachable] || len(summary.Kinds) != 1 || !summary.Hosts["db1"].Unreachable {
					t.Errorf("%+v", summary)
				}
				if !slices.ContainsFunc(l.events, func(e runner.Event) bool { return e.Event == runner.EventHost && e.Failure != nil }) {
					t.Error("nobody told the operator")
				}
			})
		})
	}
}

// pongs answers pings for so long: the worker has been at a step for a while,
// which may take as long as left says.
func pongs(h talk, every time.Duration, left func(n int) (step int, left time.Duration)) {
	for n := 0; ; n++ {
		step, most := left(n)
		if !h.say(fmt.Sprintf(`{"pong":true,"step":%d,"left":%d}`, step, most)) {
			return
		}
		time.Sleep(every)
	}
}

// TestAWorkerThatLivesAndDoesNotGoOn answers every ping while its work hangs.
func TestAWorkerThatLivesAndDoesNotGoOn(t *testing.T) {
	cases := map[string]struct {
		left   func(n int) (int, time.Duration)
		within time.Duration
	}{
		"says nothing of its work": {func(int) (int, time.Duration) { return 0, 0 }, 2*time.Minute + 15*time.Second},
		"one step":                 {func(int) (int, time.Duration) { return 1, 5 * time.Minute }, 5*time.Minute + grace + 30*time.Second},
		"one step that counts down": {func(n int) (int, time.Duration) { return 1, 5*time.Minute - time.Duration(n)*15*time.Second },
			5*time.Minute + grace + 30*time.Second},
		"claims years":     {func(int) (int, time.Duration) { return 1, 1 << 62 }, longest + grace + 30*time.Second},
		"always a new one": {func(n int) (int, time.Duration) { return n + 1, time.Hour }, whole + time.Minute},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			in(t, func(t *testing.T, l *lab) {
				began := time.Now()
				summary, _ := l.run(oneHost, onePlay, func(o *Options) {
					o.Transport = talkers(func(h talk) {
						h.comesUp()
						go h.hear("never")
						pongs(h, 15*time.Second, c.left)
					})
				})
				if took := time.Since(began); took > c.within || c.within-took > time.Minute {
					t.Errorf("ended after %s, want about %s", took, c.within)
				}
				if !summary.Kinds[runner.KindUnreachable] || len(summary.Kinds) != 1 {
					t.Errorf("%+v", summary)
				}
				if last := l.events[len(l.events)-1]; last.Failure == nil || !strings.Contains(last.Failure.Error, "stands still") {
					t.Errorf("told %+v", last)
				}
			})
		})
	}
}

// TestLongWorkIsNoHang: three hours of steps, each within its own deadline, with
// an operator who stops the output for longer than that.
func TestLongWorkIsNoHang(t *testing.T) {
	in(t, func(t *testing.T, l *lab) {
		summary, _ := l.run(oneHost, onePlay, func(o *Options) {
			o.Transport = talkers(func(h talk) {
				h.comesUp()
				gone := make(chan struct{})
				go func() {
					defer close(gone)
					h.hear("never")
				}()
				for n := range 12 * 60 {
					h.say(fmt.Sprintf(`{"pong":true,"step":%d,"left":300000000000}`, 1+n/20)) // 5 minutes each
					if n == 300 {
						l.slow = time.Hour
						h.say(`{"event":{"event":"note","why":"half of it"},"step":16,"left":300000000000}`)
					}
					time.Sleep(15 * time.Second)
				}
				h.say(`{"done":{}}`)
				<-gone
			})
		})
		if !summary.OK() {
			t.Errorf("%+v %+v", summary, l.events[len(l.events)-1].Failure)
		}
	})
}

// chatter shows signs of life.
func chatter(h talk) {
	for h.say(`{"pong":true}`) {
		time.Sleep(10 * time.Second)
	}
}

// answers is a host that answers its work with these lines.
func answers(lines ...string) talkers {
	return func(h talk) {
		h.comesUp()
		h.say(strings.Join(lines, "\n"))
		h.hear("never")
	}
}

func TestAFailureIsAlwaysTold(t *testing.T) {
	for name, failure := range map[string]string{
		"not told in a step":      `{"kind":"failed","error":"broken"}`,
		"stopped by nobody":       `{"kind":"interrupted","error":"the controller is gone"}`,
		"a kind of another layer": `{"kind":"unreachable","error":"broken"}`,
	} {
		t.Run(name, func(t *testing.T) {
			in(t, func(t *testing.T, l *lab) {
				summary, _ := l.run(oneHost, onePlay, func(o *Options) { o.Transport = answers(`{"done":{"failure":` + failure + `}}`) })
				if !summary.Kinds[runner.KindFailed] || len(summary.Kinds) != 1 || summary.Hosts["db1"].Failed != 1 {
					t.Errorf("%+v", summary)
				}
				told := slices.IndexFunc(l.events, func(e runner.Event) bool { return e.Failure != nil })
				if told < 0 || l.events[told].Failure.Kind != runner.KindFailed {
					t.Errorf("told %+v", l.events)
				}
			})
		})
	}
}

func TestASetUpThatFailsCounts(t *testing.T) {
	in(t, func(t *testing.T, l *lab) {
		summary, _ := l.run(oneHost, onePlay, func(o *Options) {
			o.Transport = talkers(func(h talk) {
				h.say(`{"hello":{"version":"x"}}`)
				h.hear("setup")
				h.say(`{"ready":{"failure":{"kind":"interrupted","error":"no"}}}`)
				h.hear("never")
			})
		})
		if !summary.Kinds[runner.KindFailed] || len(summary.Kinds) != 1 || summary.Hosts["db1"].Failed != 1 {
			t.Errorf("%+v", summary)
		}
	})
}

// TestNothingIsToldAfterTheEnd: the recap is the last line.
func TestNothingIsToldAfterTheEnd(t *testing.T) {
	in(t, func(t *testing.T, l *lab) {
		lines := append([]string{`{"done":{}}`}, slices.Repeat([]string{`{"event":{"event":"note","why":"more"}}`}, 500)...)
		l.slow = time.Second
		l.run(oneHost, onePlay, func(o *Options) { o.Transport = answers(lines...) })
		told := len(l.events)
		time.Sleep(time.Hour)
		if len(l.events) != told {
			t.Errorf("%d events before the end, %d after it", told, len(l.events)-told)
		}
	})
}

// TestAnOperatorWhoStopsTheOutput loses no host.
func TestAnOperatorWhoStopsTheOutput(t *testing.T) {
	in(t, func(t *testing.T, l *lab) {
		l.slow = 10 * time.Minute
		summary, _ := l.run(threeHosts, onePlay, nil)
		if !summary.OK() || len(l.log) != 3 {
			t.Errorf("%+v %q", summary, l.log)
		}
	})
}
