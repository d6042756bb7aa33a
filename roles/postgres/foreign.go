package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strconv"

	"github.com/pgrun/pgrun/runner"
)

var (
	confPort = regexp.MustCompile(`(?m)^\s*port\s*=?\s*(\d+)`)
	confData = regexp.MustCompile(`(?m)^\s*data_directory\s*=?\s*'([^']*)'`)
)

// refuseForeign refuses where a cluster that Debian's tools manage has our
// data folder, or is running on our port. It may hold someone's data: pgrun
// neither takes it over nor stops it.
func refuseForeign(ctx context.Context, t *runner.Target, port int, data string) error {
	versions, err := names(ctx, t, "/etc/postgresql")
	if err != nil {
		return err
	}
	for _, v := range versions {
		clusters, err := names(ctx, t, "/etc/postgresql/"+v)
		if err != nil {
			return err
		}
		for _, name := range clusters {
			conf, err := t.ReadFile(ctx, fmt.Sprintf("/etc/postgresql/%s/%s/postgresql.conf", v, name), 0)
			if errors.Is(err, fs.ErrNotExist) {
				continue
			}
			if err != nil {
				return err
			}
			unit, err := t.Unit(ctx, fmt.Sprintf("postgresql@%s-%s.service", v, name))
			if err != nil {
				return err
			}
			if err := foreign(v, name, string(conf), unit.ActiveState == "active", port, data); err != nil {
				return err
			}
		}
	}
	return nil
}

// foreign says whether a cluster of Debian's is in the way.
func foreign(version, name, conf string, running bool, port int, data string) error {
	theirs, at := 5432, "/var/lib/postgresql/"+version+"/"+name
	if found := confPort.FindStringSubmatch(conf); found != nil {
		theirs, _ = strconv.Atoi(found[1])
	}
	if found := confData.FindStringSubmatch(conf); found != nil {
		at = found[1]
	}
	switch {
	case at == data:
		return runner.Refuse("the cluster %s/%s of Debian's own has the data folder %s, which pgrun would use: give pgrun another postgres.data_dir or cluster.name, "+
			"or, where its data is not needed, remove it with pg_dropcluster --stop %s %s", version, name, data, version, name)
	case running && theirs == port:
		return runner.Refuse("the cluster %s/%s of Debian's own runs on port %d, which pgrun would use: give pgrun another postgres.port, "+
			"or stop it for good with systemctl disable --now postgresql@%s-%s", version, name, port, version, name)
	}
	return nil
}

// names lists a folder; one that is not there is empty.
func names(ctx context.Context, t *runner.Target, folder string) ([]string, error) {
	list, err := t.ReadDir(ctx, folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return list, err
}
