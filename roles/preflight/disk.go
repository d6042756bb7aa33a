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

// filesystem is a line of df.
type filesystem struct {
	mount           string
	size, available int64 // bytes
}

// filesystems are those where packages and data go, each once.
func filesystems(ctx context.Context, o *runner.Observer) ([]filesystem, error) {
	argv := []string{"df", "--block-size=1", "--output=size,avail,target"}
	for _, folder := range append([]string{"/", "/var"}, dataDirs(o.View)...) {
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
	return parseDF(string(result.Stdout))
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

func parseDF(text string) ([]filesystem, error) {
	var list []filesystem
	for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
		if i == 0 { // the heading
			continue
		}
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
		f := filesystem{mount: strings.Join(fields[2:], " "), size: size, available: available}
		if !slices.Contains(list, f) {
			list = append(list, f)
		}
	}
	return list, nil
}

// ensureDisk refuses a host without room for what is to be installed. One on
// which all of that is there is only told of: it goes on serving, and this run
// may be what makes room.
func (r *Role) ensureDisk(ctx context.Context, t *runner.Target) error {
	enough := check{"enough disk space", r.disk}
	installed, err := allInstalled(ctx, t)
	if err != nil {
		return err
	}
	if !installed {
		return all(ctx, t, enough)
	}
	wrong, err := enough.look(ctx, t.Observer)
	if wrong != "" {
		t.Skip(ctx, enough.name, wrong+"; what is installed here goes on")
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
	list, err := filesystems(ctx, o)
	if err != nil {
		return "", err
	}
	var wrong []string
	for _, f := range list {
		if f.available>>20 < int64(r.MinDiskMB) {
			wrong = append(wrong, fmt.Sprintf("%s has %d MiB free, less than preflight.min_disk_mb (%d)", f.mount, f.available>>20, r.MinDiskMB))
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
			wrong = append(wrong, fmt.Sprintf("%s is %d %% free, less than preflight.upgrade_free_percent (%d)", f.mount, f.available*100/max(f.size, 1), r.UpgradeFreePercent))
		}
	}
	return strings.Join(wrong, "; "), nil
}
