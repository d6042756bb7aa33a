package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// packagedDataDir is the folder that Debian's package brings, for postgres.
const packagedDataDir = "/var/lib/postgresql"

// ensureFolders gives postgres the folders above the data, and repairs what
// became of the data folder's owner and mode. A folder that holds what is
// somebody else's is given to nobody.
func (r *Role) ensureFolders(ctx context.Context, t *runner.Target, paths Paths) error {
	own := modules.Attributes{Owner: Superuser, Group: Superuser, Mode: 0o755}
	version := path.Dir(paths.Data)
	owner, err := modules.SomebodyElses(ctx, t, r.DataDir, Superuser, path.Base(version))
	switch {
	case err != nil:
		return err
	case owner == "" || r.DataDir == packagedDataDir:
		err = t.Ensure(ctx, modules.Directory{Path: r.DataDir, Attributes: own})
	case modules.DataRoot(r.DataDir):
		t.Skip(ctx, "directory "+r.DataDir, fmt.Sprintf("it belongs to %s and holds more than PostgreSQL's data: its owner and mode are left alone", owner))
	default:
		err = refuseToTake(t, r.DataDir, owner)
	}
	if err != nil {
		return err
	}
	owner, err = modules.SomebodyElses(ctx, t, version, Superuser, path.Base(paths.Data))
	if err != nil {
		return err
	}
	data, err := dataFolder(ctx, t, paths.Data)
	if err != nil {
		return err
	}
	if owner != "" && data == nil {
		return refuseToTake(t, version, owner)
	}
	return t.Ensure(ctx, append([]modules.Module{modules.Directory{Path: version, Attributes: own}}, data...)...)
}

func refuseToTake(t *runner.Target, folder, owner string) error {
	return runner.Refuse("postgres: %s on %s belongs to %s and is not empty, so it is not given to postgres: set postgres.data_dir to a folder for the data alone, or, where all in it is PostgreSQL's, run `chown postgres:postgres %s`",
		folder, t.Host.Name, owner, folder)
}

// dataFolder is how the folder of data that is there must be: PostgreSQL does
// not start when it is another's, or when others can read it. nil is no data.
func dataFolder(ctx context.Context, r modules.Reader, data string) ([]modules.Module, error) {
	version, err := r.Lstat(ctx, data+"/PG_VERSION")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if version.Owner != Superuser {
		return nil, runner.Refuse("postgres: %s/PG_VERSION belongs to %s, so all of this data may: PostgreSQL would not start with it. Where it is this cluster's, run `chown -R postgres:postgres %s`",
			data, version.Owner, data)
	}
	stat, err := r.Lstat(ctx, data)
	if errors.Is(err, fs.ErrNotExist) || err == nil && !stat.Mode.IsDir() { // Patroni takes it away for a new copy
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	mode := stat.Mode.Perm()
	if mode != 0o700 && mode != 0o750 {
		mode = madeWith(ctx, r, data)
	}
	attributes := modules.Attributes{Owner: Superuser, Group: Superuser, Mode: mode}
	return []modules.Module{modules.Directory{Path: data, Attributes: attributes}}, nil
}

// madeWith is the mode that initdb gave the data: 0750 with --allow-group-access.
func madeWith(ctx context.Context, r modules.Reader, data string) fs.FileMode {
	if inner, err := r.Lstat(ctx, data+"/base"); err == nil && inner.Mode.Perm() == 0o750 {
		return 0o750
	}
	return 0o700
}
