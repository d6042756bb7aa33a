package os

import (
	"context"
	"errors"
	"io/fs"
	"strconv"
	"strings"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

const (
	overcommit      = "vm.overcommit_memory"
	overcommitRatio = "vm.overcommit_ratio"
)

// dropOvercommit leaves out pgrun's strict overcommit where programs have asked
// for more than it would allow: every fork would fail at once, and so the
// login that could mend it. What the operator wrote counts.
func (r *Role) dropOvercommit(ctx context.Context, t *runner.Target, values map[string]string) error {
	if values[overcommit] != "2" || r.merged(nil)[overcommit] != "" {
		return nil
	}
	fits, err := commitmentFits(ctx, t, values[overcommitRatio])
	if err != nil || fits {
		return err
	}
	delete(values, overcommit)
	delete(values, overcommitRatio)
	t.Skip(ctx, "strict overcommit of memory", "programs here have asked for nearly all that it would allow, or more (Committed_AS in /proc/meminfo): "+
		"every fork would fail. End some, or say what you want in os.sysctl ("+overcommit+")")
	return nil
}

// commitmentFits says whether at least a tenth of the limit would be left. A
// machine that lives with the limit already does so.
func commitmentFits(ctx context.Context, o modules.Reader, percent string) (bool, error) {
	live, err := o.ReadFile(ctx, "/proc/sys/vm/overcommit_memory", 0)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	if strings.TrimSpace(string(live)) == "2" {
		return true, nil
	}
	text, err := o.ReadFile(ctx, "/proc/meminfo", 0)
	if err != nil {
		return false, err
	}
	ratio, err := strconv.Atoi(percent)
	if err != nil {
		ratio = 50 // the kernel's default
	}
	kib := map[string]int{}
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) > 1 {
			kib[fields[0]], _ = strconv.Atoi(fields[1])
		}
	}
	limit := (kib["MemTotal:"]-kib["Hugetlb:"])*ratio/100 + kib["SwapTotal:"]
	return kib["Committed_AS:"] <= limit*9/10, nil
}
