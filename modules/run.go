package modules

import (
	"context"
	"strings"
	"time"
)

// DefaultDeadline is how long a command may take that does not say otherwise.
const DefaultDeadline = 60 * time.Second

// Run is a command that is run when Needed says why; a nil Needed runs it
// every time.
type Run struct {
	Name    string // "" is the command itself
	Command Command
	Needed  func(ctx context.Context, r Reader) (why string, err error)
}

func (m Run) String() string {
	if m.Name != "" {
		return m.Name
	}
	return "run " + strings.Join(m.Command.Argv, " ")
}

// Check asks Needed.
func (m Run) Check(ctx context.Context, r Reader) (*Change, error) {
	why := "run every time"
	if m.Needed != nil {
		var err error
		if why, err = m.Needed(ctx, r); err != nil || why == "" {
			return nil, err
		}
	}
	deadline := m.Command.Deadline
	if deadline == 0 {
		deadline = DefaultDeadline
	}
	return &Change{
		Summary:  why,
		Deadline: deadline + 10*time.Second, // the command's own deadline has the better message
		Apply: func(ctx context.Context, h Host) error {
			_, err := h.Exec(ctx, m.Command)
			return err
		},
	}, nil
}
