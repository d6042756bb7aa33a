// Package preflight refuses hosts that a cluster could not be built on, with
// all reasons at once, before anything is changed.
package preflight

import (
	"context"
	"errors"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// Name of the role in the registry.
const Name = "preflight"

// Role is what a host must have.
type Role struct {
	// MinMemoryMB is the least memory of a host, in MiB. Below 512 MiB apt
	// alone may meet the OOM killer; a database wants far more.
	MinMemoryMB int `yaml:"min_memory_mb"`
	// MinDiskMB is the least free space on / and where packages and data go,
	// in MiB: the packages of a database host take about 1 GiB. A host on which
	// they are installed is refused below 256 MiB only, and warned of before:
	// a database whose disk is full stops.
	MinDiskMB int `yaml:"min_disk_mb"`
	// UpgradeFreePercent is the free space that an upgrade asks for, in percent
	// of each file system: a database whose disk fills up while hosts restart
	// one by one has no failover left.
	UpgradeFreePercent int `yaml:"upgrade_free_percent"`
	// UntestedReleases are let in although pgrun is not tested on them: write
	// `[debian 14]`, or `[debian forky]` while it is in the making. Default:
	// none, for a database should not be the first to meet new versions.
	UntestedReleases []string `yaml:"untested_releases"`
}

// New returns the section with its defaults.
func New() runner.Role { return &Role{MinMemoryMB: 512, MinDiskMB: 2048, UpgradeFreePercent: 20} }

// Validate reports bounds that are none.
func (r *Role) Validate(v *runner.View) {
	if r.MinMemoryMB < 0 {
		v.Problem("min_memory_mb", "%d is negative", r.MinMemoryMB)
	}
	if r.MinDiskMB < 0 {
		v.Problem("min_disk_mb", "%d is negative", r.MinDiskMB)
	}
	if r.UpgradeFreePercent < 0 || r.UpgradeFreePercent > 90 {
		v.Problem("upgrade_free_percent", "%d is not between 0 and 90", r.UpgradeFreePercent)
	}
	r.validateReleases(v)
}

// check is one thing that must be so: it returns what is wrong, or "".
type check struct {
	name string
	look func(ctx context.Context, o *runner.Observer) (wrong string, err error)
}

// Apply makes all checks, and refuses with all that failed.
func (r *Role) Apply(ctx context.Context, t *runner.Target) error {
	if err := r.noteClock(ctx, t); err != nil {
		return err
	}
	r.noteRelease(ctx, t)
	return errors.Join(all(ctx, t,
		check{"release is supported", r.release},
		check{"systemd runs the machine", systemd},
		check{"address is this host's", ownAddress},
		check{"locale C.UTF-8 is there", locale},
		check{"enough memory", r.memory},
		check{"ports are free", ports},
	), r.ensureDisk(ctx, t), noteUpdates(ctx, t))
}

// Actions has upgradable, the gate of an upgrade that every host must pass.
func (r *Role) Actions() []runner.Action {
	return []runner.Action{{Name: "upgradable", Do: r.upgradable}}
}

// all makes every check, though some fail, so that the operator sees all.
func all(ctx context.Context, t *runner.Target, checks ...check) error {
	var failed []error
	for _, c := range checks {
		if err := t.Ensure(ctx, c.module(t.Observer)); err != nil {
			failed = append(failed, err)
		}
	}
	return errors.Join(failed...)
}

func (c check) module(o *runner.Observer) modules.Module {
	return modules.Func{Name: c.name, Find: func(ctx context.Context, _ modules.Reader) (*modules.Change, error) {
		wrong, err := c.look(ctx, o)
		if err != nil {
			return nil, err
		}
		if wrong != "" {
			return nil, runner.Refuse("%s", wrong)
		}
		return nil, nil
	}}
}
