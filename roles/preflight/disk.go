package preflight

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/roles/published"
	"github.com/pgrun/pgrun/runner"
)

// fullMB is how little free space, in MiB, makes a disk full for a host that
// serves: 16 segments of WAL, which a busy server writes within seconds. When
// there is no room for the next one PostgreSQL stops, and so does etcd.
const fullMB = 256

// filesystem is what df says of where a folder lies.
type filesystem struct {
	folder, mount   string
	size, available int64 // bytes
}

// String names the file system as an operator looks for it.
func (f filesystem) String() string {
	if f.folder == f.mount {
		return f.mount
	}
	return fmt.Sprintf("%s (which holds %s)", f.mount, f.folder)
}

// filesystems are those where packages and data go, each once.
func filesystems(ctx context.Context, o *runner.Observer) ([]filesystem, error) {
	argv := []string{"df", "--block-size=1", "--output=size,avail,target"}
	folders := append([]string{"/", "/var"}, dataDirs(o.View)...)
	for _, folder := range folders {
		there, err := nearest(ctx, o, folder)
		if err != nil {
			return nil, err
		}
		argv = append(argv, there)
	}
	result, err := o.Query(ctx, modules.Command{Argv: argv})
	if err != nil {
		return nil, err
	}
	return parseDF(string(result.Stdout), folders)
}

// dataDirs are where services of this host keep their data.
func dataDirs(v *runner.View) []string {
	var list []string
	if p, ok := published.EtcdOf(v.Host); ok {
		list = append(list, p.DataDir)
	}
	if p, ok := published.PatroniOf(v.Host); ok {
		list = append(list, p.DataDir)
	}
	return list
}

// nearest returns the folder, or what is there of the way to it.
func nearest(ctx context.Context, o *runner.Observer, folder string) (string, error) {
	for folder != "/" {
		there, err := exists(ctx, o, folder)
		if err != nil || there {
			return folder, err
		}
		folder = path.Dir(folder)
	}
	return folder, nil
}

// parseDF reads df's table: a heading, and then a line for each folder.
func parseDF(text string, folders []string) ([]filesystem, error) {
	var list []filesystem
	lines := strings.Split(strings.TrimSpace(text), "\n")
	if len(lines) != len(folders)+1 {
		return nil, fmt.Errorf("df printed %q for %q", text, folders)
	}
	for i, folder := range folders {
		line := lines[i+1]
		fields := strings.Fields(line)
		if len(fields) < 3 {
			return nil, fmt.Errorf("df printed %q", line)
		}
		size, err := strconv.ParseInt(fields[0], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("df printed %q", line)
		}
		available, err := strconv.ParseInt(fields[1], 10, 64)
		if err != nil {
			return nil, fmt.Errorf("df printed %q", line)
		}
		f := filesystem{folder: folder, mount: strings.Join(fields[2:], " "), size: size, available: available}
		if !slices.ContainsFunc(list, func(other filesystem) bool { return other.mount == f.mount }) {
			list = append(list, f)
		}
	}
	return list, nil
}

// ensureDisk refuses a host without room for what is to be installed, and one
// that serves and whose disk is full. One that serves with little room is only
// told of: this run may be what makes room.
func (r *Role) ensureDisk(ctx context.Context, t *runner.Target) error {
	installed, err := allInstalled(ctx, t)
	if err != nil {
		return err
	}
	if !installed {
		return all(ctx, t, check{"enough disk space", r.disk})
	}
	if err := all(ctx, t, check{"no disk is full", r.fullDisk}); err != nil {
		return err
	}
	wrong, err := r.disk(ctx, t.Observer)
	if wrong != "" {
		t.Skip(ctx, "enough disk space", wrong+"; what is installed here goes on")
		t.Warn("%s: make room before it is full", wrong)
	}
	return err
}

// allInstalled says whether the services of this host's groups are there.
func allInstalled(ctx context.Context, t *runner.Target) (bool, error) {
	packages, err := modules.InstalledPackages(ctx, t)
	if err != nil {
		return false, err
	}
	some := false
	for group, name := range map[string]string{"etcd": "etcd-server", "postgres": "patroni", "balancers": "haproxy"} {
		if !t.Host.In(group) {
			continue
		}
		if !packages[name].Installed() {
			return false, nil
		}
		some = true
	}
	return some, nil
}

func (r *Role) disk(ctx context.Context, o *runner.Observer) (string, error) {
	return lessThan(ctx, o, r.MinDiskMB, fmt.Sprintf("less than preflight.min_disk_mb (%d)", r.MinDiskMB))
}

// fullDisk is what stops a server that runs, or keeps it from starting.
func (r *Role) fullDisk(ctx context.Context, o *runner.Observer) (string, error) {
	wrong, err := lessThan(ctx, o, min(fullMB, r.MinDiskMB), "so it is full")
	if wrong != "" {
		wrong += ". A full disk stops PostgreSQL and etcd. Make room and run again: `du -xh --max-depth=3 / | sort -h | tail` shows what fills it; " +
			"WAL is kept by slots that nobody reads (pg_replication_slots) and by an archive_command that fails (pg_stat_archiver): mend those, and remove nothing in pg_wal by hand"
	}
	return wrong, err
}

// lessThan names the file systems with less free space than so many MiB.
func lessThan(ctx context.Context, o *runner.Observer, floor int, which string) (string, error) {
	list, err := filesystems(ctx, o)
	if err != nil {
		return "", err
	}
	var wrong []string
	for _, f := range list {
		if f.available>>20 < int64(floor) {
			wrong = append(wrong, fmt.Sprintf("%s on %s has %d MiB free, %s", f, o.Host.Name, f.available>>20, which))
		}
	}
	return strings.Join(wrong, "; "), nil
}

func (r *Role) roomForUpgrade(ctx context.Context, o *runner.Observer) (string, error) {
	list, err := filesystems(ctx, o)
	if err != nil {
		return "", err
	}
	var wrong []string
	for _, f := range list {
		if f.available*100 < f.size*int64(r.UpgradeFreePercent) {
			wrong = append(wrong, fmt.Sprintf("%s is %d %% free, less than preflight.upgrade_free_percent (%d)", f, f.available*100/max(f.size, 1), r.UpgradeFreePercent))
		}
	}
	return strings.Join(wrong, "; "), nil
}
