package control

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pgrun/pgrun/inventory"
	"github.com/pgrun/pgrun/runner"
)

// hostile is a transport to a host that says what it likes: one line after
// each frame of the controller, and then nothing or the end.
type hostile struct {
	lines []string
	stay  bool
}

func (h hostile) Open(context.Context, inventory.Connection, string) (Stream, error) {
	requests, in := io.Pipe()
	out, replies := io.Pipe()
	done := make(chan struct{})
	go func() { _, _ = io.Copy(io.Discard, requests) }()
	go func() {
		defer close(done)
		for _, line := range h.lines {
			if _, err := fmt.Fprintln(replies, line); err != nil {
				return
			}
		}
		if !h.stay {
			_ = replies.Close()
		}
	}()
	return &pipes{in: in, out: out, done: done}, nil
}

const oneHost = "all: {hosts: {db1: {ansible_host: 10.0.0.1}}}"

func TestHostileHostNeitherHangsNorForges(t *testing.T) {
	const hello, ready = `{"hello":{"version":"x"}}`, `{"ready":{}}`
	cases := map[string]struct {
		lines []string
		kind  string // of failure, "" for none
	}{
		"says nothing":        {nil, runner.KindUnreachable},
		"garbage":             {[]string{"\x1b[2J{{{"}, runner.KindUnreachable},
		"an endless line":     {[]string{strings.Repeat("x", 2<<20)}, runner.KindUnreachable},
		"ready before hello":  {[]string{ready}, runner.KindUnreachable},
		"ends after set-up":   {[]string{hello, ready}, runner.KindUnreachable},
		"wrong answer":        {[]string{hello, ready, `{"surveyed":{}}`}, runner.KindUnreachable},
		"made-up kind":        {[]string{hello, ready, `{"event":{"event":"step","state":"failed","failure":{"kind":"interrupted","error":"x"}}}`, `{"done":{}}`}, runner.KindFailed},
		"too many answers":    {[]string{hello, ready, `{"done":{}}`, `{"done":{}}`, `{"done":{}}`}, ""},
		"speaks for another":  {[]string{hello, ready, `{"event":{"event":"step","host":"db9","play":"p","state":"changed","step":"s"}}`, `{"done":{}}`}, ""},
		"a recap of its own":  {[]string{hello, ready, `{"event":{"event":"recap","ok":false,"hosts":{"db9":{"failed":1}}}}`, `{"done":{}}`}, runner.KindUnreachable},
		"a state of its own":  {[]string{hello, ready, `{"event":{"event":"step","state":"\u009b2J","step":"s"}}`, `{"done":{}}`}, runner.KindUnreachable},
		"a note with a state": {[]string{hello, ready, `{"event":{"event":"note","state":"changed"}}`, `{"done":{}}`}, runner.KindUnreachable},
		"a kind of its own":   {[]string{hello, ready, `{"done":{"failure":{"kind":"\u202efunny","error":"x"}}}`}, runner.KindUnreachable},
		"more than was asked": {slices.Repeat([]string{hello, ready, `{"done":{}}`}, 50), ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			began := time.Now()
			summary, problems := l.run(oneHost, "- {name: mine, hosts: all, roles: [thing]}\n", func(o *Options) { o.Transport = hostile{lines: c.lines} })
			if problems != "" || time.Since(began) > 20*time.Second {
				t.Fatalf("%s after %s", problems, time.Since(began))
			}
			if c.kind == "" && !summary.OK() || c.kind != "" && (!summary.Kinds[c.kind] || len(summary.Kinds) != 1) {
				t.Errorf("kinds %v, want %q", summary.Kinds, c.kind)
			}
			if _, forged := summary.Hosts["db9"]; forged || len(summary.Hosts) != 1 {
				t.Errorf("hosts %v", summary.Hosts)
			}
			for _, e := range l.events {
				if e.Host == "db9" || e.Play == "p" || e.Event == runner.EventRecap {
					t.Errorf("forged: %+v", e)
				}
			}
		})
	}
}

// TestWhatAHostSaysIsBounded in number and in length; an honest play of many
// steps with long diffs gets through.
func TestWhatAHostSaysIsBounded(t *testing.T) {
	const hello, ready, done = `{"hello":{}}`, `{"ready":{}}`, `{"done":{}}`
	flood := func(line string, n int) []string {
		return append(append([]string{hello, ready}, slices.Repeat([]string{line}, n)...), done)
	}
	diff := strings.Repeat("+a line of a file\\n", 64<<10/18)
	cases := map[string]struct {
		lines []string
		cut   string
	}{
		"honest":   {flood(`{"event":{"event":"step","state":"changed","step":"s","diff":"`+diff+`"}}`, 300), ""},
		"pongs":    {flood(`{"pong":true}`, mostFrames+10), "frames"},
		"reports":  {flood(`{"event":{"event":"report","why":"`+strings.Repeat("x", 900<<10)+`"}}`, mostReports+1), "the report"},
		"warnings": {flood(`{"event":{"event":"warning","why":"`+strings.Repeat("x", 4<<10)+`"}}`, mostRemarks+1), "notes and warnings"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			summary, _ := l.run(oneHost, onePlay, func(o *Options) { o.Transport = hostile{lines: c.lines, stay: true} })
			if c.cut == "" != summary.OK() {
				t.Fatalf("%+v", summary)
			}
			if last := l.events[len(l.events)-1]; c.cut != "" && (last.Failure == nil || !strings.Contains(last.Failure.Error, c.cut)) {
				t.Errorf("told %+v", last)
			}
			held := 0
			for _, e := range l.events {
				if e.Event == runner.EventReport {
					held += len(e.Why)
				}
			}
			if held > mostReports*(4<<10+20) {
				t.Errorf("%d bytes of reports are kept", held)
			}
		})
	}
}
