package modules

import (
	"context"
	"fmt"
	"maps"
	"slices"
)

// repairDpkg finishes what an interrupted dpkg began. What it was unpacking
// has to be installed again first: apt takes that for installed, and dpkg
// refuses to configure it.
func repairDpkg(ctx context.Context, h Host) error {
	journal, err := dpkgJournal(ctx, h)
	if err != nil {
		return err
	}
	packages, err := InstalledPackages(ctx, h)
	if err != nil {
		return err
	}
	broken := len(journal) > 0
	var damaged []string
	for _, key := range slices.Sorted(maps.Keys(packages)) {
		p := packages[key]
		broken = broken || p.Interrupted()
		if p.Damaged && key == p.Name+":"+p.Arch {
			damaged = append(damaged, key)
		}
	}
	if !broken {
		return nil
	}
	err = withoutStarts(ctx, h, func() error {
		if len(damaged) > 0 {
			again := append(aptInstall(lockWait), "--reinstall", "--allow-change-held-packages", "--")
			if err := aptRun(ctx, h, append(again, damaged...)); err != nil {
				return err
			}
		}
		return aptRun(ctx, h, []string{"dpkg", "--force-confdef", "--force-confold", "--configure", "-a"})
	})
	if err != nil {
		return fmt.Errorf("finishing an interrupted dpkg: %w", err)
	}
	return nil
}
