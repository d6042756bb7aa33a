package modules

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Until waits for a condition: Met returns "" when it holds, else what is
// still missing. An error from Met is taken as "not yet" until the deadline,
// unless it is one of Hopeless.
type Until struct {
	Name     string
	Met      func(ctx context.Context, r Reader) (missing string, err error)
	Deadline time.Duration // required by hand or set to the target's patience
	Every    time.Duration // 0 is 500 ms, growing to 2 s
}

const (
	untilFirst = 500 * time.Millisecond
	untilMost  = 2 * time.Second
)

func (m Until) String() string { return m.Name }

// Check asks once; its change waits.
func (m Until) Check(ctx context.Context, r Reader) (*Change, error) {
	missing, err := m.missing(ctx, r)
	if err != nil || missing == "" {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	return &Change{
		Summary:  missing,
		Deadline: m.Deadline + 10*time.Second, // so that the wait itself says what was missing
		Waits:    true,
		Apply:    func(ctx context.Context, h Host) error { return m.wait(ctx, h, missing) },
	}, nil
}

func (m Until) missing(ctx context.Context, r Reader) (string, error) {
	missing, err := m.Met(ctx, r)
	if end := (*hopelessError)(nil); errors.As(err, &end) {
		return "", err
	}
	if err != nil {
		return err.Error(), nil
	}
	return missing, nil
}

// hopelessError ends a wait.
type hopelessError struct{ error }

func (e *hopelessError) Unwrap() error { return e.error }

// Hopeless is an error for which waiting longer is of no use.
func Hopeless(err error) error { return &hopelessError{err} }

func (m Until) wait(ctx context.Context, r Reader, missing string) error {
	if m.Deadline <= 0 {
		return fmt.Errorf("a wait needs a deadline")
	}
	waiting, cancel := context.WithTimeout(ctx, m.Deadline)
	defer cancel()
	pause := m.Every
	if pause == 0 {
		pause = untilFirst
	}
	for {
		select {
		case <-waiting.Done():
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return fmt.Errorf("not within %s: %s", m.Deadline, missing)
		case <-time.After(pause):
		}
		now, err := m.missing(waiting, r)
		if err != nil || now == "" {
			return err
		}
		if waiting.Err() == nil { // else it only says that time is up
			missing = now
		}
		if m.Every == 0 {
			pause = min(pause*3/2, untilMost)
		}
	}
}
