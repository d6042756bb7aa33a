package patroni

import (
	"context"
	"strconv"
	"strings"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// The synchronous modes.
const (
	synchronousAuto   = "auto"
	synchronousOff    = "off"
	synchronousOn     = "on"
	synchronousQuorum = "quorum"
)

// quorumSince is the major version of Patroni that knows quorum. One before it
// would take quorum for off.
const quorumSince = 4

// waitsForStandby says whether commits wait for a standby.
func (r *Role) waitsForStandby(v *runner.View) bool {
	return r.SynchronousMode != synchronousOff && (r.SynchronousMode != synchronousAuto || carries(v))
}

// carries says whether the cluster can lose a member and still have a standby
// that confirms.
func carries(v *runner.View) bool { return len(v.Group("postgres")) >= 3 }

// with returns the role with a mode that is decided.
func (r *Role) with(mode string) *Role {
	decided := *r
	decided.SynchronousMode = mode
	return &decided
}

// withOwnMode decides auto by the Patroni of this host: for a new cluster.
func (r *Role) withOwnMode(ctx context.Context, o *runner.Observer) (*Role, error) {
	if r.SynchronousMode != synchronousAuto {
		return r, nil
	}
	if !carries(o.View) {
		return r.with(synchronousOff), nil
	}
	packages, err := modules.InstalledPackages(ctx, o)
	if err != nil {
		return nil, err
	}
	return r.with(modeOf(packages["patroni"].Version)), nil
}

// withCommonMode decides auto by what all members run. One that does not
// answer may run an older Patroni: then the mode stays as it is.
func (r *Role) withCommonMode(ctx context.Context, o *runner.Observer) (*Role, error) {
	if r.SynchronousMode != synchronousAuto {
		return r, nil
	}
	if !carries(o.View) {
		return r.with(synchronousOff), nil
	}
	seen := look(ctx, o, o.Group("postgres"))
	if len(seen.Silent) == 0 {
		return r.with(common(seen)), nil
	}
	live, err := liveSettings(ctx, o, o.Host)
	if err != nil {
		return nil, err
	}
	if meaning(live["synchronous_mode"]) == synchronousQuorum {
		return r.with(synchronousQuorum), nil
	}
	return r.with(synchronousOn), nil
}

// common is the best mode that every member knows.
func common(v view) string {
	for _, n := range v.Nodes {
		if mode := modeOf(n.Patroni.Version); mode != synchronousQuorum {
			return mode
		}
	}
	return synchronousQuorum
}

// modeOf is the best mode that a version of Patroni knows.
func modeOf(version string) string {
	major, _, _ := strings.Cut(modules.Upstream(version), ".")
	if n, err := strconv.Atoi(major); err == nil && n >= quorumSince {
		return synchronousQuorum
	}
	return synchronousOn
}

// refuseLiveQuorum keeps a Patroni that takes quorum for off out of a cluster
// that runs it: as the leader it would not wait for a standby, and it might
// become one without the commits that others have confirmed.
func (r *Role) refuseLiveQuorum(ctx context.Context, t *runner.Target) error {
	packages, err := modules.InstalledPackages(ctx, t)
	if err != nil || packages["patroni"].Version == "" || modeOf(packages["patroni"].Version) == synchronousQuorum {
		return err
	}
	for _, p := range t.Group("postgres") {
		live, err := liveSettings(ctx, t, p)
		if err == nil && meaning(live["synchronous_mode"]) == synchronousQuorum {
			return runner.Refuse("the cluster runs synchronous_mode quorum, and this host has Patroni %s, which does not know it: "+
				"write synchronous_mode: on and run this for the other hosts first, or take packages from apt.postgresql.org (apt_repo)", packages["patroni"].Version)
		}
	}
	return nil
}
