package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"strconv"
	"strings"

	"github.com/pgrun/pgrun/runner"
)

var (
	confPort  = regexp.MustCompile(`(?m)^\s*port\s*=?\s*(\d+)`)
	confData  = regexp.MustCompile(`(?m)^\s*data_directory\s*=?\s*'([^']*)'`)
	confStart = regexp.MustCompile(`(?m)^\s*(\w+)`)
)

// foreign is a cluster that Debian's tools manage.
type foreign struct {
	version, name string
	conf          string // postgresql.conf
	running       bool
	boot          bool // starts with the host
}

// refuseForeign refuses where a cluster that Debian's tools manage has our
// data folder, or takes our port. It may hold someone's data: pgrun neither
// takes it over nor stops it.
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
			f := foreign{version: v, name: name}
			there, err := f.read(ctx, t)
			if err != nil {
				return err
			}
			if !there {
				continue
			}
			if err := f.refused(port, data); err != nil {
				return err
			}
		}
	}
	return nil
}

// read looks at the cluster; without a configuration it is none.
func (f *foreign) read(ctx context.Context, t *runner.Target) (bool, error) {
	folder := "/etc/postgresql/" + f.version + "/" + f.name
	conf, err := t.ReadFile(ctx, folder+"/postgresql.conf", 0)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	start, err := t.ReadFile(ctx, folder+"/start.conf", 0)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	// Without its package a cluster does not start, whatever start.conf says.
	_, gone := t.Lstat(ctx, "/usr/lib/postgresql/"+f.version+"/bin/postgres")
	unit, err := t.Unit(ctx, fmt.Sprintf("postgresql@%s-%s.service", f.version, f.name))
	if err != nil {
		return false, err
	}
	f.conf, f.running, f.boot = string(conf), unit.ActiveState == "active", gone == nil && startsAtBoot(string(start))
	return true, nil
}

// startsAtBoot reads start.conf as Debian's generator of units does: its one
// word is auto, manual or disabled, and auto is the default.
func startsAtBoot(text string) bool {
	found := confStart.FindStringSubmatch(text)
	return found == nil || found[1] == "auto"
}

// refused says why the cluster is in the way.
func (f *foreign) refused(port int, data string) error {
	theirs, at := 5432, "/var/lib/postgresql/"+f.version+"/"+f.name
	if value := lastValue(confPort, f.conf); value != "" {
		theirs, _ = strconv.Atoi(value)
	}
	if value := lastValue(confData, f.conf); value != "" {
		at = path.Clean(strings.TrimSpace(value))
	}
	switch {
	case at == data:
		return runner.Refuse("the cluster %s/%s of Debian's own has the data folder %s, which pgrun would use: give pgrun another postgres.data_dir or cluster.name, "+
			"or, where its data is not needed, remove it with pg_dropcluster --stop %s %s", f.version, f.name, data, f.version, f.name)
	case (f.running || f.boot) && theirs == port:
		return runner.Refuse("the cluster %s/%s of Debian's own has port %d, which pgrun would use, and %s: give pgrun another postgres.port, "+
			"or stop it for good: `systemctl stop postgresql@%s-%s`, and the word manual in /etc/postgresql/%s/%s/start.conf",
			f.version, f.name, port, f.when(), f.version, f.name, f.version, f.name)
	}
	return nil
}

// lastValue is a setting's value: the last one counts.
func lastValue(setting *regexp.Regexp, conf string) string {
	found := setting.FindAllStringSubmatch(conf, -1)
	if len(found) == 0 {
		return ""
	}
	return found[len(found)-1][1]
}

func (f *foreign) when() string {
	if f.running {
		return "it runs"
	}
	return "it starts at the next boot"
}

// names lists a folder; one that is not there is empty.
func names(ctx context.Context, t *runner.Target, folder string) ([]string, error) {
	list, err := t.ReadDir(ctx, folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return list, err
}
