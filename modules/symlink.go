package modules

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
)

// Symlink is a symbolic link.
type Symlink struct{ Path, Target string }

func (m Symlink) String() string { return "link " + m.Path }

// Check compares the link's target. A file or folder in its place is an error.
func (m Symlink) Check(ctx context.Context, r Reader) (*Change, error) {
	apply := func(ctx context.Context, h Host) error { return h.Link(ctx, m.Path, m.Target) }
	stat, err := r.Lstat(ctx, m.Path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &Change{Summary: "absent", After: []byte(m.Target + "\n"), Apply: apply}, nil
	case err != nil:
		return nil, err
	case stat.Mode&fs.ModeSymlink == 0:
		return nil, Hint(fmt.Errorf("%s is no symbolic link (%s)", m.Path, stat.Mode), "move it away")
	case stat.Target == m.Target:
		return nil, nil
	}
	return &Change{
		Summary: "leads elsewhere",
		Before:  []byte(stat.Target + "\n"), After: []byte(m.Target + "\n"), Apply: apply,
	}, nil
}
