package patroni

import (
	"context"
	"fmt"
	"regexp"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/roles/postgres"
	"github.com/pgrun/pgrun/runner"
)

var systemID = regexp.MustCompile(`(?m)^Database system identifier:\s*(\d+)\s*$`)

// refuseForeignData refuses where the data folder is of another cluster than
// the one whose identity lies in etcd. Patroni itself would not start then,
// and pgrun deletes neither.
func (r *Role) refuseForeignData(ctx context.Context, t *runner.Target, paths postgres.Paths) error {
	var here, there string
	var made bool
	known, err := t.Known(ctx, "the data's system identifier", func(ctx context.Context) (err error) {
		here, err = dataID(ctx, t, paths)
		return err
	})
	if err != nil || !known {
		return err
	}
	if here == "" {
		return r.refuseToFound(ctx, t, paths)
	}
	known, err = t.Known(ctx, "the cluster's system identifier in etcd", func(ctx context.Context) (err error) {
		there, made, err = clusterID(ctx, t.Get, t.View, r.Namespace)
		return err
	})
	if err != nil || !known {
		return err
	}
	if there == "" {
		return refuseUnknownData(ctx, t, here, made, paths)
	}
	if here != there {
		return runner.Refuse("the data in %s has the system identifier %s, and the cluster %s in etcd has %s: they are two clusters. "+
			"If this host's data is not needed, move %s away and run again; if etcd's entry is left over, give the cluster another name",
			paths.Data, here, t.Cluster, there, paths.Data)
	}
	return nil
}

// refuseUnknownData refuses to start where there is data, and etcd does not
// know whose: whoever is started first then leads with what it has, and that
// need not be the newest. A Patroni that runs has decided that already.
func refuseUnknownData(ctx context.Context, t *runner.Target, here string, beingMade bool, paths postgres.Paths) error {
	unit, err := t.Unit(ctx, unitName)
	if err != nil || unit.ActiveState == "active" || unit.ActiveState == "reloading" {
		return err
	}
	if beingMade {
		return runner.Refuse("%s holds data (system identifier %s), and the cluster %s is being made on another host, or that broke off. "+
			"If this data is not needed, move it away and run again; if it is the cluster's, stop Patroni on the other hosts, run `systemctl start patroni` here, see that it leads, and run again",
			paths.Data, here, t.Cluster)
	}
	if !t.Check && len(t.Group("postgres")) > 1 {
		if err := t.Ensure(ctx, tellOfData(here, t.View)); err != nil {
			return err
		}
	}
	return runner.Refuse("%s holds data (system identifier %s), and etcd knows nothing of a cluster %s. %s and run again", paths.Data, here, t.Cluster, lostEtcd)
}

// lostEtcd is what to do where there is data that etcd does not know.
const lostEtcd = "If etcd's data was lost: find the host with the newest data, run `systemctl start patroni` there, see that it leads, and run again. " +
	"If this data is not needed, move it away"

// dataID is the system identifier of the data folder; "" is no data.
func dataID(ctx context.Context, r modules.Reader, paths postgres.Paths) (string, error) {
	there, err := holdsData(ctx, r, paths.Data)
	if err != nil || !there {
		return "", err
	}
	result, err := r.Query(ctx, modules.Command{Argv: []string{paths.Bin + "/pg_controldata", paths.Data}, Env: []string{"LC_ALL=C"}, User: superuser})
	if err != nil {
		return "", err
	}
	found := systemID.FindSubmatch(result.Stdout)
	if found == nil {
		return "", fmt.Errorf("pg_controldata of %s prints no system identifier", paths.Data)
	}
	return string(found[1]), nil
}
