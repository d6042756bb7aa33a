package postgres

import (
	"context"
	"errors"
	"io/fs"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/roles/cluster"
	"github.com/pgrun/pgrun/runner"
)

// RefuseOtherMajor refuses a host whose cluster has data of another major
// version and none of this one: before apt is asked for the other's packages.
func (r *Role) RefuseOtherMajor(ctx context.Context, o modules.Reader, version int, name string) error {
	there, err := holdsData(ctx, o, r.Paths(version, name).Data)
	if err != nil || there {
		return err
	}
	for other := cluster.OldestPostgres; other <= cluster.NewestPostgres; other++ {
		data := r.Paths(other, name).Data
		there, err := holdsData(ctx, o, data)
		if err != nil {
			return err
		}
		if there {
			return runner.Refuse("cluster.postgres_version is %d, and this host's data in %s is of PostgreSQL %d: pgrun does not upgrade a cluster to another major version. "+
				"Write postgres_version: %d; if that data is not needed, move it away and run again", version, data, other, other)
		}
	}
	return nil
}

func holdsData(ctx context.Context, r modules.Reader, folder string) (bool, error) {
	_, err := r.Lstat(ctx, folder+"/global/pg_control")
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
