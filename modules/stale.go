package modules

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"time"
)

// Stale returns the files that changed since the unit started (or, for its
// Reload files, was reloaded), and the Reload files that were written anew;
// none when it does not run. Where there is no record of this invocation, a
// file that is younger than its start counts.
func (m Service) Stale(ctx context.Context, r Reader) (reload, restart []string, err error) {
	unit, err := r.Unit(ctx, m.Name)
	if err != nil {
		return nil, nil, err
	}
	return m.staleSince(ctx, r, unit)
}

func (m Service) staleSince(ctx context.Context, r Reader, unit *Unit) (reload, restart []string, err error) {
	if !running(unit) || unit.InvocationID == "" {
		return nil, nil, nil
	}
	known, err := m.readRecord(ctx, r)
	if err != nil {
		return nil, nil, err
	}
	if known.Invocation != unit.InvocationID {
		known = record{}
	}
	if reload, err = stale(ctx, r, m.Reload, known.Reload, known.Written, unit.Started); err != nil {
		return nil, nil, err
	}
	restart, err = stale(ctx, r, m.Restart, known.Restart, nil, unit.Started)
	return reload, restart, err
}

// stale goes by the digests of the files, and where it is known when they were
// written, by that too: a reload too many does no harm.
func stale(ctx context.Context, r Reader, paths []string, known map[string]string, written map[string]int64, started time.Time) ([]string, error) {
	var list []string
	for _, name := range paths {
		changed, err := rewritten(ctx, r, name, written)
		if err != nil {
			return nil, err
		}
		if changed {
			list = append(list, name)
			continue
		}
		if old, ok := known[name]; ok {
			now, err := digest(ctx, r, name)
			if err != nil {
				return nil, err
			}
			changed = now != old
		} else {
			modified, err := modified(ctx, r, name)
			if err != nil {
				return nil, err
			}
			changed = modified.After(started)
		}
		if changed {
			list = append(list, name)
		}
	}
	return list, nil
}

// rewritten says whether a file was written since it was read, where it is
// known when it had been written then.
func rewritten(ctx context.Context, r Reader, name string, written map[string]int64) (bool, error) {
	then, ok := written[name]
	if !ok {
		return false, nil
	}
	now, err := modified(ctx, r, name)
	return err == nil && now.UnixNano() != then, err
}

// digest of a file or of the files in a folder; "" when it is absent.
func digest(ctx context.Context, r Reader, name string) (string, error) {
	text, err := r.ReadFile(ctx, name, MaxFile)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err == nil {
		return fmt.Sprintf("%x", sha256.Sum256(text)), nil
	}
	names, dirErr := r.ReadDir(ctx, name)
	if dirErr != nil {
		return "", err
	}
	sum := sha256.New()
	for _, below := range names {
		stat, err := r.Lstat(ctx, path.Join(name, below))
		if err != nil || !stat.Mode.IsRegular() {
			continue
		}
		text, err := r.ReadFile(ctx, path.Join(name, below), MaxFile)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(sum, "%s %d\n", below, len(text))
		sum.Write(text)
	}
	return fmt.Sprintf("%x", sum.Sum(nil)), nil
}

// modified is the youngest time of a file, or of a folder and the files in it.
func modified(ctx context.Context, r Reader, name string) (time.Time, error) {
	stat, err := r.Lstat(ctx, name)
	if errors.Is(err, fs.ErrNotExist) {
		return time.Time{}, nil
	}
	if err != nil || !stat.Mode.IsDir() {
		return stat.modTime(), err
	}
	youngest := stat.ModTime
	names, err := r.ReadDir(ctx, name)
	if err != nil {
		return youngest, err
	}
	for _, below := range names {
		stat, err := r.Lstat(ctx, path.Join(name, below))
		if err == nil && stat.ModTime.After(youngest) {
			youngest = stat.ModTime
		}
	}
	return youngest, nil
}

func (s *Stat) modTime() time.Time {
	if s == nil {
		return time.Time{}
	}
	return s.ModTime
}
