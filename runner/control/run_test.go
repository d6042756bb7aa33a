package control

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pgrun/pgrun/config"
	"github.com/pgrun/pgrun/inventory"
	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/playbooks"
	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/worker"
)

// lab is a cluster of workers in this process with one scripted role.
type lab struct {
	t      *testing.T
	mu     sync.Mutex
	log    []string          // what roles and actions did, in order
	rank   map[string]int    // of the action, by host; absent: not due
	fail   map[string]error  // what apply answers, by host
	after  func(host string) // called when a host has had its turn
	early  map[string]error  // what the restart's early gate answers, by host
	again  map[string]bool   // hosts that want another turn, once
	down   []string          // hosts that cannot be reached
	offer  map[string]string // the version on offer, by host
	events []runner.Event    // what the operator was told
	lock   string
	slow   time.Duration // of whoever is told
	stop   chan struct{} // of the operator
	wait   bool          // for the lock
	ctx    context.Context
}

func newLab(t *testing.T) *lab {
	return &lab{t: t, rank: map[string]int{}, fail: map[string]error{}, lock: t.TempDir(), ctx: t.Context()}
}

func (l *lab) note(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.log = append(l.log, text)
}

// section is the scripted role.
type section struct {
	lab  func() *lab
	Size int    `yaml:"size"`
	Text string `yaml:"text"`
}

func (s *section) Validate(v *runner.View) {
	if s.Size > 10 {
		v.Problem("size", "%d is too much: write at most 10", s.Size)
	}
}

func (s *section) Publish(*runner.View) any { return map[string]int{"size": s.Size} }

func (s *section) Apply(_ context.Context, t *runner.Target) error {
	var sizes []string
	for _, p := range t.Peers() {
		published, _ := runner.Published[map[string]int](p, "thing")
		sizes = append(sizes, p.Name+"="+string(rune('0'+published["size"])))
	}
	s.lab().note("apply " + t.Host.Name + " sees " + strings.Join(sizes, " "))
	return s.lab().fail[t.Host.Name]
}

func (s *section) TakeTurn(ctx context.Context, _ *runner.Target, _ modules.Host, _ string, _ int) (context.Context, func(), error) {
	return ctx, func() {}, nil
}

func (s *section) Actions() []runner.Action {
	return []runner.Action{{
		Name: "remove", Takes: []runner.Variable{{Name: "host", What: "the host that goes", Required: true, Departs: true}},
		Do: func(_ context.Context, t *runner.Target) error {
			s.lab().note(t.Host.Name + " removes " + t.Given["host"])
			return nil
		},
	}, {
		Name: "agree", Unanimous: true,
		Do: func(_ context.Context, t *runner.Target) error {
			s.lab().note(t.Host.Name + " agrees")
			return s.lab().fail[t.Host.Name]
		},
	}, {
		Name: "warn",
		Do: func(_ context.Context, t *runner.Target) error {
			t.Warn("left out: %v", t.LeftOut)
			return nil
		},
	}, {
		Name: "download",
		Takes: []runner.Variable{{Name: "to", What: "the place", Valid: func(_ *runner.View, value string) error {
			if value == "nowhere" {
				return errors.New("nowhere is no place")
			}
			return nil
		}}},
		Alike: func(_ context.Context, o *runner.Observer) (map[string]string, error) {
			return map[string]string{"thing": s.lab().offer[o.Host.Name]}, nil
		},
		Do: func(_ context.Context, t *runner.Target) error {
			s.lab().note(strings.TrimSpace("download " + t.Host.Name + " " + t.Given["to"]))
			t.Report("thing 1 -> 2", 1500*time.Millisecond)
			return nil
		},
	}, {
		Name: "restart", OneByOne: true, Restarts: true,
		Early: func(_ context.Context, o *runner.Observer) error { return s.lab().early[o.Host.Name] },
		Due: func(_ context.Context, o *runner.Observer) (string, error) {
			s.lab().mu.Lock()
			defer s.lab().mu.Unlock()
			if _, ok := s.lab().rank[o.Host.Name]; ok {
				return "stale", nil
			}
			return "", nil
		},
		Rank: func(_ context.Context, o *runner.Observer) (int, error) {
			s.lab().mu.Lock()
			defer s.lab().mu.Unlock()
			return s.lab().rank[o.Host.Name], nil
		},
		Do: func(_ context.Context, t *runner.Target) error {
			s.lab().note("turn " + t.Host.Name)
			s.lab().mu.Lock()
			if s.lab().again[t.Host.Name] {
				delete(s.lab().again, t.Host.Name)
				t.Again()
			} else {
				delete(s.lab().rank, t.Host.Name)
			}
			s.lab().mu.Unlock()
			if s.lab().after != nil {
				s.lab().after(t.Host.Name)
			}
			return s.lab().fail[t.Host.Name]
		},
	}}
}

func (l *lab) registry() runner.Registry {
	return runner.Registry{
		{Name: "cluster", New: func() runner.Role { return &clusterSection{} }},
		{Name: "thing", New: func() runner.Role { return &section{lab: func() *lab { return l }, Size: 1} }},
	}
}

type clusterSection struct {
	Name     string `yaml:"name"`
	Restarts string `yaml:"restarts"`
}

func (c *clusterSection) PostponesRestarts() bool { return c.Restarts == "postpone" }

func (*clusterSection) Validate(*runner.View) {}

func (*clusterSection) Apply(context.Context, *runner.Target) error { return nil }

// Open starts a worker in this process, with a lock of its own for each host.
func (l *lab) Open(ctx context.Context, _ inventory.Connection, host string) (Stream, error) {
	if slices.Contains(l.down, host) {
		return nil, &runner.FailureError{Kind: runner.KindUnreachable, Err: errors.New("no route to host")}
	}
	requests, in := io.Pipe()
	out, replies := io.Pipe()
	done := make(chan struct{})
	w := worker.Worker{
		Registry: l.registry(), LockPath: filepath.Join(l.lock, host),
		Facts: func() runner.Facts { return runner.Facts{} },
	}
	go func() {
		defer close(done)
		_ = w.Serve(context.WithoutCancel(ctx), requests, replies)
		_ = replies.Close()
	}()
	return &pipes{in: in, out: out, done: done}, nil
}

const threeHosts = `
all:
  vars:
    cluster: {name: orders}
  hosts:
    db1: {ansible_host: 10.0.0.1}
    db2: {ansible_host: 10.0.0.2, thing: {size: 2}}
    db3: {ansible_host: 10.0.0.3}
`

// run prepares and runs a playbook; with problems it returns their text.
func (l *lab) run(inv, playbook string, adjust func(*Options)) (Summary, string) {
	l.t.Helper()
	folder := l.t.TempDir()
	invPath, playPath := filepath.Join(folder, "inventory.yml"), filepath.Join(folder, "play.yml")
	for path, text := range map[string]string{invPath: inv, playPath: playbook} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			l.t.Fatal(err)
		}
	}
	problems := &config.Problems{}
	o := Options{Registry: l.registry(), Problems: problems, Transport: l, Patience: time.Second}
	o.Inventory = inventory.Load([]string{invPath}, nil, problems)
	o.Playbook = playbooks.Load(playPath, o.Inventory.Files, problems)
	if adjust != nil {
		adjust(&o)
	}
	plan, err := Prepare(l.t.Context(), o)
	if err != nil {
		return Summary{}, err.Error()
	}
	for host, setup := range plan.setups {
		setup.Wait = l.wait
		plan.setups[host] = setup
	}
	return Run(l.ctx, plan, Operator{Stop: l.stop, Report: func(e runner.Event) {
		time.Sleep(l.slow)
		l.mu.Lock()
		defer l.mu.Unlock()
		l.events = append(l.events, e)
	}}), ""
}

const restartPlay = `
- {hosts: all, roles: [{role: thing, action: restart}]}
- {hosts: all, roles: [thing]}
`

func TestTurnsGoByRankAndAreSurveyedAgain(t *testing.T) {
	l := newLab(t)
	l.rank = map[string]int{"db1": 9, "db2": 5, "db3": 1}
	l.after = func(host string) {
		if host == "db3" { // a failover: db2 leads now, and db1 is a replica
			l.mu.Lock()
			l.rank["db1"], l.rank["db2"] = 2, 9
			l.mu.Unlock()
		}
	}
	summary, problems := l.run(threeHosts, restartPlay, nil)
	if problems != "" || !summary.OK() {
		t.Fatalf("%s %+v", problems, summary)
	}
	if got, want := strings.Join(l.log[:3], ", "), "turn db3, turn db1, turn db2"; got != want {
		t.Fatalf("got %s, want %s", got, want)
	}
	if !strings.Contains(strings.Join(l.log, "\n"), "apply db1 sees db1=1 db2=2 db3=1") {
		t.Fatalf("published values: %q", l.log)
	}
}

// TestTurnsInBatchesOfOne are the same turns: a batch must not hide the other
// hosts from the survey.
func TestTurnsInBatchesOfOne(t *testing.T) {
	const play = "- {hosts: all, serial: 1, roles: [{role: thing, action: restart}]}\n"
	l := newLab(t)
	l.rank = map[string]int{"db1": 9, "db2": 5, "db3": 1}
	if summary, problems := l.run(threeHosts, play, nil); problems != "" || !summary.OK() {
		t.Fatalf("%s %+v", problems, summary)
	}
	if got, want := strings.Join(l.log, ", "), "turn db3, turn db2, turn db1"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	l.log, l.rank, l.down = nil, map[string]int{"db1": 1}, []string{"db2"}
	if summary, _ := l.run(threeHosts, play, nil); len(l.log) > 0 || !summary.Kinds[runner.KindRefused] {
		t.Errorf("a turn with a host out of sight: %q %+v", l.log, summary)
	}
}

func TestABatchThatIsLostEndsTheRun(t *testing.T) {
	for name, c := range map[string]struct {
		serial  string
		applied int
	}{
		"one at a time, the first breaks": {"1", 1},
		"one of two breaks":               {"2", 3},
		"all at once":                     {`"100%"`, 3},
	} {
		t.Run(name, func(t *testing.T) {
			l := newLab(t)
			l.fail["db1"] = errors.New("broken")
			l.run(threeHosts, "- {hosts: all, serial: "+c.serial+", roles: [thing]}\n", nil)
			if len(l.log) != c.applied {
				t.Errorf("%q", l.log)
			}
			told := slices.ContainsFunc(l.events, func(e runner.Event) bool {
				return e.Event == runner.EventNote && strings.Contains(e.Why, "not touched: db2, db3")
			})
			if told != (c.applied == 1) {
				t.Errorf("told %v: %+v", told, l.events)
			}
		})
	}
}

func TestFatalErrors(t *testing.T) {
	const fatal = "- {hosts: all, any_errors_fatal: true, serial: 1, roles: [thing]}\n- {hosts: all, roles: [thing]}\n"
	l := newLab(t)
	l.fail["db2"] = errors.New("broken")
	if l.run(threeHosts, fatal, nil); len(l.log) != 2 {
		t.Errorf("went on after a fatal error: %q", l.log)
	}
	l.log, l.fail, l.down, l.events = nil, nil, []string{"db3"}, nil
	summary, _ := l.run(threeHosts, fatal, nil)
	if len(l.log) != 0 || !summary.Kinds[runner.KindUnreachable] || len(summary.Kinds) != 1 {
		t.Errorf("begun without all hosts: %q %+v", l.log, summary)
	}
	if !slices.ContainsFunc(l.events, func(e runner.Event) bool { return e.Event == runner.EventNote && strings.Contains(e.Why, "db3") }) {
		t.Errorf("not told why: %+v", l.events)
	}
}

func TestFailedTurnEndsTheRun(t *testing.T) {
	l := newLab(t)
	l.rank = map[string]int{"db1": 1, "db2": 2}
	l.fail["db1"] = errors.New("does not start")
	summary, _ := l.run(threeHosts, restartPlay, nil)
	if got := strings.Join(l.log, ", "); got != "turn db1" {
		t.Fatalf("after a failed turn: %s", got)
	}
	want := "stopped at db1; done: none; not touched: db2. Mend db1, then run the same command again: it goes on from there"
	if !slices.ContainsFunc(l.events, func(e runner.Event) bool { return e.Event == runner.EventNote && e.Why == want }) {
		t.Errorf("told %+v", l.events)
	}
	if !summary.Kinds[runner.KindFailed] || summary.Hosts["db1"].Failed != 1 {
		t.Fatalf("%+v", summary)
	}
}

const downloadPlay = `
- {hosts: all, roles: [{role: thing, action: download}]}
- {hosts: all, roles: [thing]}
`

func TestHostsThatAreNotAlikeEndTheRun(t *testing.T) {
	l := newLab(t)
	l.offer = map[string]string{"db1": "2.1", "db2": "2.0", "db3": "2.1"}
	summary, _ := l.run(threeHosts, downloadPlay, nil)
	if len(l.log) != 0 || !summary.Kinds[runner.KindRefused] {
		t.Fatalf("did %q, %+v", l.log, summary)
	}
	want := "the hosts differ, so none of them acts: thing: 2.0 on db2; 2.1 on db1, db3"
	if !slices.ContainsFunc(l.events, func(e runner.Event) bool { return e.Failure != nil && e.Failure.Error == want }) {
		t.Errorf("told %+v", l.events)
	}
}

func TestHostsThatAreAlikeGoOnAndReport(t *testing.T) {
	l := newLab(t)
	l.offer = map[string]string{"db1": "2.1", "db2": "2.1", "db3": "2.1", "other": "3.0"}
	inv := threeHosts + "    other: {ansible_host: 10.0.1.1, cluster: {name: another}}\n" // compared with its own cluster alone
	summary, problems := l.run(inv, downloadPlay, nil)
	if problems != "" || !summary.OK() || len(l.log) != 8 {
		t.Fatalf("did %q, %s %+v", l.log, problems, summary)
	}
	want := runner.Event{Event: runner.EventReport, Host: "db1", Play: "all", Role: "thing", Action: "download", Why: "thing 1 -> 2", MS: 1500}
	if !slices.ContainsFunc(l.events, func(e runner.Event) bool { return reflect.DeepEqual(e, want) }) {
		t.Errorf("told %+v", l.events)
	}
}

// What must hold on all hosts is asked of those that are there: one that is
// away keeps nobody from being repaired.
func TestUnanimousActions(t *testing.T) {
	const plays = "- {hosts: all, roles: [{role: thing, action: agree}]}\n- {hosts: all, roles: [thing]}\n"
	l := newLab(t)
	l.fail = map[string]error{"db2": runner.Refuse("not so")}
	summary, _ := l.run(threeHosts, plays, nil)
	if slices.ContainsFunc(l.log, func(line string) bool { return !strings.HasSuffix(line, " agrees") }) || !summary.Kinds[runner.KindRefused] {
		t.Errorf("went on after a refusal: %q %+v", l.log, summary)
	}
	if !slices.ContainsFunc(l.events, func(e runner.Event) bool {
		return e.Event == runner.EventNote && strings.Contains(e.Why, "db2 fails")
	}) {
		t.Errorf("not told why: %+v", l.events)
	}
	l.log, l.fail, l.down = nil, nil, []string{"db3"}
	summary, _ = l.run(threeHosts, plays, nil)
	if len(l.log) != 4 || !summary.Kinds[runner.KindUnreachable] || len(summary.Kinds) != 1 {
		t.Errorf("a host that is away: %q %+v", l.log, summary)
	}
}

func TestUnreachableHost(t *testing.T) {
	l := newLab(t)
	l.down = []string{"db2"}
	summary, _ := l.run(threeHosts, restartPlay, nil)
	if len(l.log) != 2 || !summary.Hosts["db2"].Unreachable || !summary.Kinds[runner.KindUnreachable] || len(summary.Kinds) != 1 {
		t.Fatalf("nothing due: the others converge: %q %+v", l.log, summary)
	}
	l.log, l.rank["db1"] = nil, 1
	summary, _ = l.run(threeHosts, restartPlay, nil)
	if len(l.log) != 0 || !summary.Kinds[runner.KindRefused] {
		t.Fatalf("a turn with a host out of sight: %q %+v", l.log, summary)
	}
}

func TestFailedHostLeavesAndOthersGoOn(t *testing.T) {
	l := newLab(t)
	l.fail["db1"] = errors.New("broken")
	twice := "- {hosts: all, roles: [thing]}\n- {hosts: all, roles: [thing]}\n"
	summary, _ := l.run(threeHosts, twice, nil)
	if len(l.log) != 5 || summary.Hosts["db1"].Failed != 1 || summary.Hosts["db2"].Failed != 0 {
		t.Fatalf("%q %+v", l.log, summary)
	}
	l.log = nil
	fatal := "- {hosts: all, any_errors_fatal: true, roles: [thing]}\n- {hosts: all, roles: [thing]}\n"
	l.run(threeHosts, fatal, nil)
	if len(l.log) > 3 {
		t.Fatalf("went on after a fatal error: %q", l.log)
	}
	if !slices.ContainsFunc(l.events, func(e runner.Event) bool { return strings.HasPrefix(e.Why, "stopped: db1 failed") }) {
		t.Errorf("nobody says who failed: %+v", l.events)
	}
}

func TestHeldLockStopsTheRunBeforeItBegins(t *testing.T) {
	l := newLab(t)
	inside, leave := make(chan struct{}), make(chan struct{})
	l.rank["db3"] = 1
	l.after = func(string) { close(inside); <-leave }
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		l.run(threeHosts, restartPlay, func(o *Options) { o.Limit = "db3" })
	}()
	<-inside
	summary, _ := l.run(threeHosts, "- {hosts: all, roles: [thing]}\n", nil)
	close(leave)
	<-ended
	if !summary.Kinds[runner.KindLocked] || strings.Contains(strings.Join(l.log, " "), "apply db1") {
		t.Fatalf("%+v %q", summary, l.log)
	}
}

func TestProblemsComeBeforeAnyContact(t *testing.T) {
	l := newLab(t)
	bad := strings.Replace(threeHosts, "size: 2", "size: 20", 1)
	_, problems := l.run(bad, "- {hosts: all, roles: [thing]}\n", nil)
	if !strings.Contains(problems, "inventory.yml:7:") || !strings.Contains(problems, "thing.size: 20 is too much") || len(l.log) > 0 {
		t.Fatalf("%s %q", problems, l.log)
	}
}
