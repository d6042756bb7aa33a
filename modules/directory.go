package modules

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
)

// Directory is a folder. Missing parents are made with it (root, 0755).
type Directory struct {
	Path string
	Attributes
}

func (m Directory) String() string { return "directory " + m.Path }

// Check compares owner, group and mode. A link to a folder is an error, since
// it would be another folder that gets the attributes.
func (m Directory) Check(ctx context.Context, r Reader) (*Change, error) {
	stat, err := r.Lstat(ctx, m.Path)
	if errors.Is(err, fs.ErrNotExist) {
		return &Change{Summary: "absent", Apply: m.make}, nil
	}
	if err != nil {
		return nil, err
	}
	if stat.Mode&fs.ModeSymlink != 0 {
		return nil, Hint(fmt.Errorf("%s is a symbolic link to %s, not a folder", m.Path, stat.Target),
			"name the folder that it leads to")
	}
	if !stat.Mode.IsDir() {
		return nil, Hint(fmt.Errorf("%s is a file, not a folder", m.Path), "move it away")
	}
	return attributeChange(m.Path, m.Attributes, m.drift(stat)), nil
}

func (m Directory) make(ctx context.Context, h Host) error {
	return h.MakeDir(ctx, m.Path, m.Attributes)
}
