package preflight

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// filesystem is a line of df.
type filesystem struct {
	mount           string
	size, available int64 // bytes
}

// filesystems are those where packages and data go, each once.
func filesystems(ctx context.Context, o *runner.Observer) ([]filesystem, error) {
	argv := []string{"df", "--block-size=1", "--output=size,avail,target", "/"}
	for _, path := range []string{"/var", "/var/lib/postgresql", "/var/lib/etcd"} {
		there, err := exists(ctx, o, path)
		if err != nil {
			return nil, err
		}
		if there {
			argv = append(argv, path)
		}
	}
	result, err := o.Query(ctx, modules.Command{Argv: argv})
	if err != nil {
		return nil, err
	}
	return parseDF(string(result.Stdout))
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
