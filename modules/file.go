package modules

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// MaxFile is the largest file that a module compares, 16 MiB. What is larger
// counts as different and is not shown in a diff.
const MaxFile = 16 << 20

// File is a file with this content.
type File struct {
	Path    string
	Content string
	Attributes
	Validate     []string // see Content.Validate
	ValidateUser string   // see Content.ValidateUser
	Absent       bool     // the file shall not be there
	Once         bool     // written only where nothing is; an existing file is left as it is
}

func (m File) String() string { return "file " + m.Path }

// Check compares content, owner, group and mode.
func (m File) Check(ctx context.Context, r Reader) (*Change, error) {
	stat, err := r.Lstat(ctx, m.Path)
	if errors.Is(err, fs.ErrNotExist) {
		if m.Absent {
			return nil, nil
		}
		return &Change{Summary: "absent", After: []byte(m.Content), Foresees: writes(m.content()), Apply: m.write}, nil
	}
	if err != nil {
		return nil, err
	}
	if m.Absent {
		return m.remove(ctx, r, stat)
	}
	if m.Once {
		return nil, nil
	}
	if err := m.replaceable(stat); err != nil {
		return nil, err
	}
	return m.compare(ctx, r, stat)
}

func (m File) compare(ctx context.Context, r Reader, stat *Stat) (*Change, error) {
	drift := m.drift(stat)
	var before []byte
	same := false
	if stat.Size <= MaxFile {
		var err error
		if before, err = r.ReadFile(ctx, m.Path, MaxFile); err != nil {
			return nil, err
		}
		same = string(before) == m.Content
	}
	if !same {
		summary := strings.Join(append([]string{"content differs"}, drift...), ", ")
		return &Change{Summary: summary, Before: before, After: []byte(m.Content), Foresees: writes(m.content()), Apply: m.write}, nil
	}
	return attributeChange(m.Path, m.Attributes, drift), nil
}

// replaceable refuses what a file must not silently take the place of.
func (m File) replaceable(stat *Stat) error {
	switch {
	case stat.Mode.IsRegular():
		return nil
	case stat.Mode&fs.ModeSymlink != 0:
		return Hint(fmt.Errorf("%s is a symbolic link to %s: not written through it", m.Path, stat.Target),
			"remove the link, or name the file that it leads to")
	default:
		return Hint(fmt.Errorf("%s is no regular file (%s)", m.Path, stat.Mode), "move it away")
	}
}

func (m File) remove(ctx context.Context, r Reader, stat *Stat) (*Change, error) {
	if stat.Mode.IsDir() {
		return nil, Hint(fmt.Errorf("%s is a folder, not a file: not removed", m.Path), "remove it by hand")
	}
	change := &Change{
		Summary:  "present",
		Foresees: Foreseen{Gone: []string{m.Path}},
		Apply:    func(ctx context.Context, h Host) error { return h.Remove(ctx, m.Path) },
	}
	if stat.Mode.IsRegular() && stat.Size <= MaxFile {
		before, err := r.ReadFile(ctx, m.Path, MaxFile)
		if err != nil {
			return nil, err
		}
		change.Before = before
	}
	return change, nil
}

func (m File) write(ctx context.Context, h Host) error {
	return h.WriteFile(ctx, m.content())
}

func (m File) content() Content {
	return Content{Path: m.Path, Data: []byte(m.Content), Attributes: m.Attributes, Validate: m.Validate, ValidateUser: m.ValidateUser}
}
