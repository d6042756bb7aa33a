package preflight

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// listsAge is how old apt's lists may be when an upgrade asks for the newest
// versions: only what this run fetched itself.
const listsAge = 30 * time.Second

// upgradable refuses an upgrade on a host that might not survive it, and then
// fetches apt's lists, so that all hosts ask for the newest versions.
func (r *Role) upgradable(ctx context.Context, t *runner.Target) error {
	if err := all(ctx, t, check{"enough disk space for an upgrade", r.roomForUpgrade}); err != nil {
		return err
	}
	if err := interrupted(ctx, t); err != nil {
		return err
	}
	if waiting, err := exists(ctx, t.Observer, "/run/reboot-required"); err != nil {
		return err
	} else if waiting {
		t.Skip(ctx, "reboot", "the system asks for one (/run/reboot-required); the upgrade does not need it")
	}
	return t.Ensure(ctx, modules.PackageLists{MaxAge: listsAge})
}

// interrupted tells of an installation that broke off. It refuses nothing:
// that may have been this upgrade's last run, and the packages' own step goes
// on with it, on one host at a time.
func interrupted(ctx context.Context, t *runner.Target) error {
	packages, err := modules.InstalledPackages(ctx, t)
	if err != nil {
		return err
	}
	var broken []string
	for _, p := range packages {
		name := fmt.Sprintf("%s (%s)", p.Name, p.State)
		if p.Interrupted() && !slices.Contains(broken, name) {
			broken = append(broken, name)
		}
	}
	if len(broken) > 0 {
		slices.Sort(broken)
		t.Skip(ctx, "packages are consistent", "an installation broke off here, the next one goes on with it: "+strings.Join(broken, ", "))
	}
	return nil
}
