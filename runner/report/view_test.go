package report

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/pgrun/pgrun/runner"
)

// clock is a clock that is set by hand.
type clock struct{ now time.Time }

func (c *clock) read() time.Time         { return c.now }
func (c *clock) advance(d time.Duration) { c.now = c.now.Add(d) }

func newClock() *clock { return &clock{now: time.Unix(1_700_000_000, 0)} }

func step(host, role, what string, state runner.State) runner.Event {
	return runner.Event{Event: runner.EventStep, Host: host, Play: "etcd", Role: role, Step: what, State: state}
}

// aRun is a run with everything in it.
func aRun() []runner.Event {
	no := false
	changed := step("db1", "etcd", "file /etc/etcd/etcd.yml", runner.Changed)
	changed.Diff, changed.MS = "@@ -1 +1 @@\n-a\n+b\n", 1500
	failed := step("db2", "etcd", "start etcd.service", runner.Failed)
	failed.MS = 91_000
	failed.Failure = &runner.Failure{
		Kind: runner.KindFailed, Error: "the unit did not come up within 90 s\nit says: activating", Code: 1,
		Argv: []string{"systemctl", "start", "etcd server.service"}, Output: strings.Repeat("old\n", 30) + "RECAP\nlast\n",
		Hint: "look at journalctl -u etcd.service\nand run again",
	}
	skipped := step("db1", "etcd", "settings", runner.Skipped)
	skipped.Why = "db3 does it"
	return []runner.Event{
		{Event: runner.EventNote, Why: "using the built-in site.yml"},
		{Event: runner.EventHost, Host: "db-eins", Failure: &runner.Failure{Kind: runner.KindUnreachable, Error: "dial tcp 10.0.0.1:22: i/o timeout", Hint: "is it up?"}},
		{Event: runner.EventPlay, Play: "etcd"},
		step("db1", "os", "hosts", runner.Unchanged),
		step("db2", "os", "hosts", runner.Unchanged),
		changed, skipped, failed,
		{Event: runner.EventRecap, OK: &no, Check: &no, Hosts: map[string]runner.Counts{
			"db1": {Changed: 1, Unchanged: 1, Skipped: 1}, "db2": {Unchanged: 1, Failed: 1}, "db-eins": {Unreachable: true},
		}},
	}
}

func show(t *testing.T, o Options, events []runner.Event) string {
	t.Helper()
	c := newClock()
	o.Now = c.read
	var out bytes.Buffer
	p := newPlain(&out, o)
	for _, e := range events {
		c.advance(time.Second)
		p.Event(e)
	}
	if err := p.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestPlain(t *testing.T) {
	want := `  note       using the built-in site.yml
  unreachable  db-eins  dial tcp 10.0.0.1:22: i/o timeout
             what to do: is it up?

PLAY etcd
  changed    db1      etcd: file /etc/etcd/etcd.yml  1.5 s
  failed     db2      etcd: start etcd.service  91 s
             the unit did not come up within 90 s
             it says: activating
             play:       etcd
             command:    systemctl start 'etcd server.service'
             exit code:  1
             output:
` + strings.Repeat("             | old\n", 18) + `             | RECAP
             | last
             what to do: look at journalctl -u etcd.service
                         and run again
  2 steps unchanged, 1 skipped on 2 hosts  (6.0 s)

RECAP
  host          changed  unchanged  skipped  failed
  db-eins   unreachable
  db2                 0          1        0       1
  db1                 1          1        1       0

failed on 2 hosts in 9.0 s
`
	if got := show(t, Options{}, aRun()); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestPlainVerboseWithDiff(t *testing.T) {
	got := show(t, Options{Verbose: true, Diff: true}, aRun())
	for _, want := range []string{
		"  unchanged  db1      os: hosts\n",
		"  skipped    db1      etcd: settings (db3 does it)\n",
		"etcd.yml  1.5 s\n      @@ -1 +1 @@\n      -a\n      +b\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in:\n%s", want, got)
		}
	}
}

func TestPlainInCheckMode(t *testing.T) {
	got := show(t, Options{Check: true}, aRun())
	for _, want := range []string{
		"  to change  db1      etcd: file /etc/etcd/etcd.yml  1.5 s\n",
		"  skipped    db1      etcd: settings (db3 does it)\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing in:\n%s", want, got)
		}
	}
}

func TestHostsCannotForgeLines(t *testing.T) {
	e := step("db1", "etcd", "x\n\nRECAP\n", runner.Failed)
	e.Failure = &runner.Failure{Kind: runner.KindFailed, Error: "e\nRECAP", Output: "o\n\x1b[9ARECAP\rRECAP", Hint: "h\nRECAP", Argv: []string{"a\nRECAP"}}
	e.Diff = "+\nRECAP"
	for line := range strings.Lines(show(t, Options{Diff: true}, []runner.Event{e})) {
		if !strings.HasPrefix(line, "  ") {
			t.Errorf("a line of the host's own: %q", line)
		}
	}
}

func TestClosingLine(t *testing.T) {
	yes, no := true, false
	for _, c := range []struct {
		name      string
		ok, check *bool
		counts    runner.Counts
		want      string
	}{
		{"nothing", &yes, &no, runner.Counts{Unchanged: 3}, "done: nothing to change in 1.0 s"},
		{"changed", &yes, &no, runner.Counts{Changed: 1}, "done: 1 step changed in 1.0 s"},
		{"check, nothing", &yes, &yes, runner.Counts{Unchanged: 3}, "nothing would change in 1.0 s"},
		{"check", &yes, &yes, runner.Counts{Changed: 2}, "2 steps would change; nothing was changed in 1.0 s"},
		{"interrupted", &no, &no, runner.Counts{Changed: 2}, "stopped in 1.0 s"},
	} {
		got := show(t, Options{}, []runner.Event{{Event: runner.EventRecap, OK: c.ok, Check: c.check, Hosts: map[string]runner.Counts{"db1": c.counts}}})
		if !strings.HasSuffix(got, "\n\n"+c.want+"\n") {
			t.Errorf("%s: got:\n%s", c.name, got)
		}
	}
}

func TestHeartbeat(t *testing.T) {
	c := newClock()
	var out bytes.Buffer
	p := newPlain(&out, Options{Now: c.read})
	p.Event(runner.Event{Event: runner.EventStart, Host: "db1", Role: "patroni", Step: "wait for a leader"})
	for range 25 {
		c.advance(time.Second)
		p.beat()
	}
	p.Event(step("db1", "patroni", "wait for a leader", runner.Unchanged))
	for range 25 {
		c.advance(time.Second)
		p.beat()
	}
	want := "  running    db1  patroni: wait for a leader  10 s\n  running    db1  patroni: wait for a leader  20 s\n"
	if out.String() != want {
		t.Errorf("got:\n%s", out.String())
	}
}

// What hosts warn of stands at the end, each once.
func TestWarningsOfHosts(t *testing.T) {
	warning := runner.Event{Event: runner.EventWarning, Host: "db1", Role: "patroni", Why: "db3 leads and is not in this run"}
	other := warning
	other.Host = "db2"
	shown := show(t, Options{}, []runner.Event{{Event: runner.EventPlay, Play: "etcd"}, warning, other, step("db1", "etcd", "hosts", runner.Unchanged), {Event: runner.EventRecap}})
	if strings.Count(shown, "db3 leads") != 1 || strings.Index(shown, "db3 leads") < strings.Index(shown, "1 step unchanged") || strings.Index(shown, "RECAP") < strings.Index(shown, "db3 leads") {
		t.Error(shown)
	}
}
