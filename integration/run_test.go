//go:build integration || bench

package integration

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// The documented exit codes.
const (
	wrongInput  = 4
	locked      = 5
	gateRefused = 6
	unreachable = 3
	wouldChange = 7
)

// event is a line of --output json.
type event struct {
	Event, Host, Play, Role, Step, State, Why string
	MS                                        int64
	OK, Check                                 bool
	Hosts                                     map[string]tally
}

type tally struct {
	Changed, Unchanged, Skipped, Failed int
	Unreachable                         bool
}

// result is one finished run of pgrun.
type result struct {
	code           int
	stdout, stderr string
	took           time.Duration
	events         []event
	state          *os.ProcessState
}

// process is one that still runs.
type process struct {
	cmd            *exec.Cmd
	stdout, stderr bytes.Buffer
	begun          time.Time
}

func binary(t *testing.T) string {
	t.Helper()
	path := os.Getenv("PGRUN")
	if path == "" {
		path = filepath.Join("..", "bin", "pgrun")
	}
	path, err := filepath.Abs(path)
	if err == nil {
		_, err = os.Stat(path)
	}
	if err != nil {
		t.Fatalf("no binary to test: %v (make build)", err)
	}
	return path
}

// begin starts pgrun in a folder without playbooks of its own, so that the built-in ones count.
func begin(ctx context.Context, t *testing.T, args ...string) *process {
	t.Helper()
	p := &process{cmd: exec.CommandContext(ctx, binary(t), args...), begun: time.Now()}
	p.cmd.Dir = t.TempDir()
	p.cmd.Env = append(os.Environ(), "NO_COLOR=1")
	p.cmd.Stdout, p.cmd.Stderr = &p.stdout, &p.stderr
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.cmd.WaitDelay = 5 * time.Second
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return p
}

func (p *process) end(t *testing.T) result {
	t.Helper()
	err := p.cmd.Wait()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		t.Fatalf("%v: %v", p.cmd.Args, err)
	}
	r := result{code: p.cmd.ProcessState.ExitCode(), stdout: p.stdout.String(), stderr: p.stderr.String(), took: time.Since(p.begun), state: p.cmd.ProcessState}
	for line := range strings.Lines(r.stdout) {
		var e event
		if json.Unmarshal([]byte(line), &e) == nil {
			r.events = append(r.events, e)
		}
	}
	return r
}

// pgrun runs to the end, ten minutes at most.
func pgrun(t *testing.T, args ...string) result {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	return begin(ctx, t, args...).end(t)
}

// want ends the test unless the run ended with the code.
func (r result) want(t *testing.T, code int) result {
	t.Helper()
	if r.code != code {
		t.Fatalf("exit %d, want %d, after %s\n%s\n%s", r.code, code, r.took.Round(time.Second), last(r.stdout, 6000), last(r.stderr, 4000))
	}
	return r
}

func last(text string, n int) string { return text[max(0, len(text)-n):] }

// recap is the last line of --output json.
func (r result) recap(t *testing.T) event {
	t.Helper()
	if n := len(r.events); n > 0 && r.events[n-1].Event == "recap" {
		return r.events[n-1]
	}
	t.Fatalf("the last line is no recap:\n%s", last(r.stdout, 2000))
	return event{}
}

// changes are the steps that changed something, as "host role step".
func (r result) changes() (steps []string) {
	for _, e := range r.events {
		if e.Event == "step" && e.State == "changed" {
			steps = append(steps, e.Host+" "+e.Role+": "+e.Step)
		}
	}
	return steps
}

// unchanged ends the test if the run changed or failed anything, or left a host out.
func (r result) unchanged(t *testing.T, hosts int) result {
	t.Helper()
	recap := r.want(t, 0).recap(t)
	if len(recap.Hosts) != hosts || !recap.OK {
		t.Fatalf("recap of %d hosts, want %d: %+v", len(recap.Hosts), hosts, recap)
	}
	for host, n := range recap.Hosts {
		if n.Changed+n.Failed != 0 || n.Unreachable {
			t.Errorf("%s: %+v", host, n)
		}
	}
	if changes := r.changes(); len(changes) > 0 {
		t.Errorf("changed:\n%s", strings.Join(changes, "\n"))
	}
	return r
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
