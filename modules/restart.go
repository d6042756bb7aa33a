package modules

import (
	"context"
	"time"
)

// Restart restarts a unit now and records its invocation and the digests of
// its files, so that Stale says nothing afterwards. For actions only.
type Restart struct {
	Service
	Why string
}

func (m Restart) String() string { return "restart of " + m.Name }

// Check always has a change: who asks for a restart has found the reason.
func (m Restart) Check(ctx context.Context, r Reader) (*Change, error) {
	if err := checkUnitName(m.Name); err != nil {
		return nil, err
	}
	unit, err := r.Unit(ctx, m.Name)
	if err != nil {
		return nil, err
	}
	why := m.Why
	if why == "" {
		why = "asked for"
	}
	steps := []step{{m.noBlock("restart"), why}}
	if unit.NeedsReload || unit.LoadState == "not-found" {
		steps = append([]step{{"daemon-reload", ""}}, steps...)
	}
	return &Change{
		Summary:  why,
		Deadline: m.deadline() + 30*time.Second,
		Apply:    func(ctx context.Context, h Host) error { return m.apply(ctx, h, steps) },
	}, nil
}
