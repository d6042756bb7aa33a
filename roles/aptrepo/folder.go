package aptrepo

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// maxEntries bounds how much of a folder is looked at; a whole copy of PGDG
// has less.
const maxEntries = 100_000

// checkFolder refuses a folder that apt could not read, or into which anybody
// but root could put a package: root installs what lies there, unsigned.
func (r *Role) checkFolder(ctx context.Context, t *runner.Target) error {
	w := walk{reader: t}
	why, err := w.way(ctx, r.Path)
	if err == nil && why == "" {
		why, err = w.below(ctx, r.Path)
	}
	if err != nil {
		return err
	}
	if why != "" {
		return runner.Refuse("apt_repo: root installs what lies in %s on %s, and no signature is checked, but %s", r.Path, t.Host.Name, why)
	}
	for _, index := range []string{"Packages", "Packages.gz", "Packages.xz"} {
		_, err := t.Lstat(ctx, path.Join(r.Path, index))
		if err == nil {
			return nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return runner.Refuse("apt_repo: %s has no index of its packages: run `dpkg-scanpackages . > Packages` in it, where dpkg-dev is installed, and copy it to the host with the packages", r.Path)
}

// walk looks for what others than root could change.
type walk struct {
	reader  modules.Reader
	entries int
}

// way looks at the folder and at all that it lies in. One that is not there is
// no danger.
func (w *walk) way(ctx context.Context, folder string) (string, error) {
	place := "/"
	for _, part := range strings.Split(path.Clean(folder), "/") {
		place = path.Join(place, part)
		stat, err := w.reader.Lstat(ctx, place)
		if errors.Is(err, fs.ErrNotExist) {
			return "", nil
		}
		if err != nil {
			return "", err
		}
		if why := open(place, stat); why != "" {
			return why, nil
		}
	}
	return "", nil
}

// below looks at everything in the folder: apt reads the index, and whatever
// file that names.
func (w *walk) below(ctx context.Context, folder string) (string, error) {
	names, err := w.reader.ReadDir(ctx, folder)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	for _, name := range names {
		if w.entries++; w.entries > maxEntries {
			return fmt.Sprintf("it holds more than %d files, too many to look at: name the folder that holds the packages alone", maxEntries), nil
		}
		place := path.Join(folder, name)
		stat, err := w.reader.Lstat(ctx, place)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		why := open(place, stat)
		if why == "" && stat.Mode.IsDir() {
			why, err = w.below(ctx, place)
		}
		if why != "" || err != nil {
			return why, err
		}
	}
	return "", nil
}

// open says how somebody else than root could change a place, and what to do.
func open(place string, stat *modules.Stat) string {
	switch {
	case stat.Mode&fs.ModeSymlink != 0:
		return fmt.Sprintf("%s is a symbolic link to %s: name the folder itself, and put files instead of links into it", place, stat.Target)
	case !stat.Mode.IsDir() && !stat.Mode.IsRegular():
		return fmt.Sprintf("%s is neither a folder nor a file (%s): take it away", place, stat.Mode)
	case stat.UID != 0:
		return fmt.Sprintf("%s belongs to %s: chown root:root %s", place, stat.Owner, place)
	case stat.Mode.Perm()&0o022 != 0:
		return fmt.Sprintf("others than root can write to %s (%04o): chmod go-w %s", place, modules.Bits(stat.Mode), place)
	}
	return ""
}
