package roletest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aymanbagabas/go-udiff"
	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// Step is a recorded step.
type Step struct {
	Name  string
	State runner.State
	Why   string
	Diff  string
}

// Report is a line of the report at the end of a run.
type Report struct {
	Done string
	Gap  time.Duration
}

// Steps carries out the steps of a role and records them.
type Steps struct {
	host     modules.Host
	check    bool
	list     []Step
	reports  []Report
	warnings []string
	plan     []Report
	again    bool
	preview  *modules.Preview // of check mode
	pending  bool             // a step was not made, because of check mode
	// hidden values are shown as ***.
	hidden []string
}

// Ensure is runner.Engine's.
func (s *Steps) Ensure(ctx context.Context, m modules.Module) error {
	step := Step{Name: m.String(), State: runner.Unchanged}
	reader := modules.Reader(s.host)
	if s.preview != nil {
		reader = s.preview
	}
	change, err := m.Check(ctx, reader)
	err = errors.Join(err, withoutAttributes(m))
	switch {
	case err != nil:
		step.State, step.Why = runner.Failed, err.Error()
	case change == nil:
	case change.Waits && s.check:
		s.pending = true
		step.State, step.Why = runner.Skipped, "waits are not made in check mode"
	case change.Waits:
		err = change.Apply(ctx, s.host)
	default:
		step.State, step.Why = runner.Changed, change.Summary
		step.Diff = diff(change.Before, change.After)
		if s.check {
			s.pending = true
			s.preview.Foresee(change.Foresees)
		} else {
			err = change.Apply(ctx, s.host)
		}
	}
	if err != nil {
		step.State, step.Why = runner.Failed, err.Error()
		err = fmt.Errorf("%s: %w", m, err)
	}
	s.list = append(s.list, step)
	return err
}

// withoutAttributes refuses a file or folder of which owner, group or mode is
// left open: it would keep what it had before, or what somebody made of it.
func withoutAttributes(m modules.Module) error {
	var a modules.Attributes
	switch m := m.(type) {
	case modules.File:
		if m.Absent {
			return nil
		}
		a = m.Attributes
	case modules.Template:
		a = m.Attributes
	case modules.Directory:
		a = m.Attributes
	default:
		return nil
	}
	if a.Owner == "" || a.Group == "" || a.Mode == 0 {
		return fmt.Errorf("%s has no owner, group or mode: say all three, as in modules.Root(0o644)", m)
	}
	return nil
}

// Skip is runner.Engine's.
func (s *Steps) Skip(_ context.Context, step, why string) {
	s.list = append(s.list, Step{Name: step, State: runner.Skipped, Why: why})
}

// Pending is runner.Engine's.
func (s *Steps) Pending() bool { return s.pending }

// Foresee is runner.Engine's.
func (s *Steps) Foresee(f modules.Foreseen) {
	if s.preview != nil {
		s.preview.Foresee(f)
	}
}

// Plan is runner.Engine's.
func (s *Steps) Plan(what string, outage time.Duration) {
	s.plan = append(s.plan, Report{Done: what, Gap: outage})
}

// Again is runner.Engine's.
func (s *Steps) Again() { s.again = true }

// WantsAgain says whether the role asked for another turn.
func (s *Steps) WantsAgain() bool { return s.again }

// Planned returns what would interrupt a service.
func (s *Steps) Planned() []Report { return s.plan }

// Warn is runner.Engine's.
func (s *Steps) Warn(what string) { s.warnings = append(s.warnings, what) }

// Warnings returns what the role warned of.
func (s *Steps) Warnings() []string { return s.warnings }

// Report is runner.Engine's.
func (s *Steps) Report(done string, gap time.Duration) {
	s.reports = append(s.reports, Report{Done: done, Gap: gap})
}

// Reports returns what the role reported.
func (s *Steps) Reports() []Report { return s.reports }

// Hide is runner.Engine's.
func (s *Steps) Hide(values ...string) { s.hidden = append(s.hidden, values...) }

// Hidden returns the values that the role asked to hide.
func (s *Steps) Hidden() []string { return s.hidden }

// List returns the steps.
func (s *Steps) List() []Step { return s.list }

// Changed returns the names of the steps that changed something.
func (s *Steps) Changed() []string {
	var names []string
	for _, step := range s.list {
		if step.State == runner.Changed {
			names = append(names, step.Name)
		}
	}
	return names
}

// String is the steps as text, for golden files.
func (s *Steps) String() string {
	var text strings.Builder
	for _, step := range s.list {
		fmt.Fprintf(&text, "%s: %s", step.State, step.Name)
		if step.Why != "" {
			fmt.Fprintf(&text, " (%s)", step.Why)
		}
		text.WriteByte('\n')
		for line := range strings.Lines(step.Diff) {
			text.WriteString("    " + strings.TrimRight(line, "\n") + "\n")
		}
	}
	shown := text.String()
	for _, value := range s.hidden {
		if value != "" {
			shown = strings.ReplaceAll(shown, value, "***")
		}
	}
	return shown
}

func diff(before, after []byte) string {
	full := udiff.Unified("before", "after", string(before), string(after))
	var lines []string
	for line := range strings.Lines(full) {
		if strings.HasPrefix(line, "--- ") || strings.HasPrefix(line, "+++ ") {
			continue
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "")
}
