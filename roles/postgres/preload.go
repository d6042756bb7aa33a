package postgres

import (
	"context"
	"errors"
	"io/fs"
	"strconv"
	"strings"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// refuseMissingLibraries refuses settings that preload a library which this
// host does not have: PostgreSQL would not start any more, on one host after
// the other.
func (r *Role) refuseMissingLibraries(ctx context.Context, t *runner.Target, version int) error {
	set, _ := r.Settings()
	if set["dynamic_library_path"] != "" {
		return nil // they may lie anywhere
	}
	folder := "/usr/lib/postgresql/" + strconv.Itoa(version) + "/lib"
	_, err := t.Known(ctx, "libraries to preload", func(ctx context.Context) error {
		for name := range strings.SplitSeq(set["shared_preload_libraries"], ",") {
			name = strings.Trim(strings.TrimSpace(name), `"`)
			there, err := library(ctx, t, folder, name)
			if err != nil {
				return err
			}
			if !there {
				return runner.Refuse("postgres.parameters.shared_preload_libraries has %s, and there is no %s.so in %s, so PostgreSQL would not start again: "+
					"name its package in postgres.packages, or take it out", name, name, folder)
			}
		}
		return nil
	})
	return err
}

// library says whether PostgreSQL finds a library by this name; "" is none.
func library(ctx context.Context, r modules.Reader, folder, name string) (bool, error) {
	if name == "" {
		return true, nil
	}
	place := strings.ReplaceAll(name, "$libdir", folder)
	if !strings.Contains(name, "/") {
		place = folder + "/" + name
	}
	for _, place := range []string{place, place + ".so"} {
		_, err := r.Lstat(ctx, place)
		if !errors.Is(err, fs.ErrNotExist) {
			return err == nil, err
		}
	}
	return false, nil
}
