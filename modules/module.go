package modules

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Module is one piece of wanted state. Check looks and, where the machine
// differs, returns the change that would mend it; nil means it is already so.
// "Absent" is always a change and never an error.
type Module interface {
	// String is the step's name, as the operator reads it.
	String() string
	Check(ctx context.Context, r Reader) (*Change, error)
}

// Change is what a module would do. Before and After are texts for the diff;
// modules never format a diff, and need not mask secrets: the worker does.
type Change struct {
	Summary       string // why: "content differs", "not installed"
	Before, After []byte
	Deadline      time.Duration // of Apply; 0 is 5 minutes
	// Waits marks a wait for a condition that others bring about: it changes
	// nothing, is not run in check mode, and counts as unchanged.
	Waits bool
	// Foresees is what a Reader would see after Apply. Check mode shows it to
	// the steps that come after, which then find what follows from the change:
	// a service to reload, a restart that is due.
	Foresees Foreseen
	Apply    func(ctx context.Context, h Host) error
}

// ExitError is a command that exited with another code than 0.
type ExitError struct {
	Argv   []string
	Code   int
	Stderr string // the last 20 lines of what it printed (stdout where stderr is empty)
}

func (e *ExitError) Error() string {
	text := fmt.Sprintf("%s exited with %d", strings.Join(e.Argv, " "), e.Code)
	if e.Stderr != "" {
		text += ": " + strings.TrimSpace(e.Stderr)
	}
	return text
}

// HintError carries what the operator can do about an error.
type HintError struct {
	Err  error
	Hint string
}

func (e *HintError) Error() string { return e.Err.Error() }

func (e *HintError) Unwrap() error { return e.Err }

// Hint adds what to do to an error.
func Hint(err error, format string, args ...any) error {
	return &HintError{Err: err, Hint: fmt.Sprintf(format, args...)}
}
