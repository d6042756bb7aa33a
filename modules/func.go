package modules

import "context"

// Func is a step of a role's own.
type Func struct {
	Name string
	Find func(ctx context.Context, r Reader) (*Change, error)
}

func (m Func) String() string { return m.Name }

// Check calls Find.
func (m Func) Check(ctx context.Context, r Reader) (*Change, error) { return m.Find(ctx, r) }
