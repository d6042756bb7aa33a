package modules

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Service is a systemd unit.
type Service struct {
	Name     string
	Stopped  bool // shall not run (default: shall run)
	Disabled bool // shall not start at boot (default: shall)
	Masked   bool // stopped, and nothing may start it
	// Reload names files whose change since the last start or reload wants a
	// reload; Restart those whose change wants a restart. A folder stands for
	// the files in it. Service reloads by itself, but restarts a running unit
	// only with RestartAtOnce: units that others depend on are restarted by an
	// action, one host at a time.
	Reload        []string
	Restart       []string
	RestartAtOnce bool
	Deadline      time.Duration // for the start to finish; 0 is 90 s
	NoBlock       bool          // start without waiting: a member that blocks until there is a quorum
}

const serviceDeadline = 90 * time.Second

func (m Service) String() string { return "service " + m.Name }

// step is one job of a service's change.
type step struct {
	verb, why string
}

// Check compares the unit's state, and the digests of its files with those
// that it was started with.
func (m Service) Check(ctx context.Context, r Reader) (*Change, error) {
	if err := checkUnitName(m.Name); err != nil {
		return nil, err
	}
	unit, err := r.Unit(ctx, m.Name)
	if err != nil {
		return nil, err
	}
	steps, err := m.steps(ctx, r, unit)
	if err != nil || len(steps) == 0 {
		return nil, err
	}
	reasons := make([]string, len(steps))
	for i, s := range steps {
		reasons[i] = s.why
	}
	return &Change{
		Summary:  strings.Join(slices.Compact(reasons), ", "),
		Deadline: m.deadline() + 30*time.Second, // the job's own deadline has the better message
		Apply:    func(ctx context.Context, h Host) error { return m.apply(ctx, h, steps) },
	}, nil
}

// checkUnitName keeps names out that systemd would take for something else.
func checkUnitName(name string) error {
	if name == "" || strings.HasPrefix(name, "-") || strings.ContainsAny(name, "/ \t\n'\"$`*?[]{}()<>|&;") {
		return fmt.Errorf("%q is no name of a unit", name)
	}
	return nil
}

func (m Service) deadline() time.Duration {
	if m.Deadline > 0 {
		return m.Deadline
	}
	return serviceDeadline
}

// steps are the jobs that bring the unit there, in order.
func (m Service) steps(ctx context.Context, r Reader, unit *Unit) ([]step, error) {
	if unit.LoadState == "not-found" && (m.Stopped || m.Masked) && m.Disabled {
		return nil, nil // what is not there neither runs nor starts
	}
	if m.Masked {
		return m.maskSteps(unit), nil
	}
	steps := append(loadSteps(unit), m.bootSteps(unit)...)
	if m.Stopped {
		if running(unit) {
			steps = append(steps, step{"stop", "it runs"})
		}
		return steps, nil
	}
	if !m.up(unit) {
		return append(steps, step{m.noBlock("start"), "it is " + unit.ActiveState}), nil
	}
	changed, err := m.changedSteps(ctx, r, unit)
	return append(steps, changed...), err
}

// loadSteps let systemd read the unit's files.
func loadSteps(unit *Unit) []step {
	var steps []step
	if unit.LoadState == "masked" || unit.UnitFileState == "masked" {
		steps = append(steps, step{"unmask", "masked"})
	}
	if unit.LoadState == "not-found" {
		return append(steps, step{"daemon-reload", "not known to systemd"})
	}
	if unit.NeedsReload {
		steps = append(steps, step{"daemon-reload", "its unit files changed"})
	}
	return steps
}

func (m Service) maskSteps(unit *Unit) []step {
	var steps []step
	if running(unit) {
		steps = append(steps, step{"stop", "it runs"})
	}
	if unit.UnitFileState != "masked" && unit.LoadState != "masked" {
		steps = append(steps, step{"mask", "not masked"})
	}
	return steps
}

// bootSteps enable or disable. A unit that has no [Install] section (static,
// generated, indirect) can be neither. A masked one hides what it was before.
func (m Service) bootSteps(unit *Unit) []step {
	switch state := unit.UnitFileState; {
	case m.Disabled && (state == "enabled" || state == "enabled-runtime" || state == "masked"):
		return []step{{"disable", "it starts at boot"}}
	case !m.Disabled && (state == "disabled" || state == "enabled-runtime" || state == "masked" || state == ""):
		return []step{{"enable", "it does not start at boot"}}
	}
	return nil
}

func (m Service) changedSteps(ctx context.Context, r Reader, unit *Unit) ([]step, error) {
	reload, restart, err := m.staleSince(ctx, r, unit)
	switch {
	case err != nil:
		return nil, err
	case len(restart) > 0 && m.RestartAtOnce:
		return []step{{m.noBlock("restart"), "started before " + strings.Join(restart, ", ")}}, nil
	case len(reload) > 0:
		return []step{{"reload", "loaded before " + strings.Join(reload, ", ")}}, nil
	}
	return nil, nil
}

func (m Service) noBlock(verb string) string {
	if m.NoBlock {
		return verb + "-no-block"
	}
	return verb
}

func running(unit *Unit) bool {
	return slices.Contains([]string{"active", "reloading", "activating", "deactivating"}, unit.ActiveState)
}

// up says whether the unit runs as far as it is asked to: one that is started
// without waiting may still be starting.
func (m Service) up(unit *Unit) bool {
	switch unit.ActiveState {
	case "active", "reloading":
		return true
	case "activating": // auto-restart, auto-restart-queued: it failed and waits
		return m.NoBlock && !strings.HasPrefix(unit.SubState, "auto-restart")
	}
	return false
}
