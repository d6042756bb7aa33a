package etcd

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// serverPackage is the one whose version counts.
const serverPackage = "etcd-server"

// release is a version of etcd; the zero one is not known.
type release struct{ major, minor, patch int }

// releaseOf reads etcd's own version and a package's.
func releaseOf(version string) release {
	if _, rest, ok := strings.Cut(version, ":"); ok { // Debian's epoch
		version = rest
	}
	var r release
	if n, _ := fmt.Sscanf(version, "%d.%d.%d", &r.major, &r.minor, &r.patch); n < 2 {
		return release{} // not installed yet, or numbered otherwise
	}
	return r
}

func (r release) compare(other release) int {
	return cmp.Or(cmp.Compare(r.major, other.major), cmp.Compare(r.minor, other.minor), cmp.Compare(r.patch, other.patch))
}

func (r release) known() bool { return r != release{} }

// refuseOldVersion refuses what has neither learners nor the JSON gateway under
// /v3: Ubuntu 22.04's own etcd is 3.3.
func refuseOldVersion(ctx context.Context, t *runner.Target) error {
	version, err := modules.InstalledVersion(ctx, t, serverPackage)
	if err != nil || !tooOld(version) {
		return err
	}
	return runner.Refuse("etcd %s is too old, pgrun needs 3.4 or later: let apt_repo offer another, as PGDG does", version)
}

func tooOld(version string) bool {
	r := releaseOf(version)
	return r.known() && r.compare(release{3, 4, 0}) < 0
}

// refuseCandidate refuses to upgrade to what apt offers where the cluster
// cannot take that.
func (m *machine) refuseCandidate(ctx context.Context, o *runner.Observer) error {
	installed, err := modules.InstalledVersion(ctx, o, serverPackage)
	if err != nil {
		return err
	}
	candidates, err := modules.Candidates(ctx, o, serverPackage)
	if err != nil {
		return err
	}
	candidate := candidates[serverPackage]
	if candidate == installed {
		return nil
	}
	if next := releaseOf(candidate); next.known() && next.compare(releaseOf(installed)) < 0 {
		return runner.Refuse("etcd: apt offers %s on %s, where %s is installed, and etcd does not go back: let apt_repo offer what it did before", candidate, m.me.Name, installed)
	}
	c, err := m.inspect(ctx, o.Get)
	if err != nil {
		return err
	}
	return c.refuseVersion(m.me.Name, candidate)
}

// refuseInstalled refuses to run what is installed beside the cluster that is.
func (m *machine) refuseInstalled(ctx context.Context, r modules.Reader, c *cluster) error {
	version, err := modules.InstalledVersion(ctx, r, serverPackage)
	if err != nil {
		return err
	}
	return c.refuseVersion(m.me.Name, version)
}

// refuseVersion refuses a version that cannot run beside those of the members:
// etcd goes up one minor version at a time, all members before the next, and
// never back. 3.6 forgets which members were removed when the data comes from
// a 3.5 before 3.5.26.
func (c *cluster) refuseVersion(host, version string) error {
	next := releaseOf(version)
	if !next.known() {
		return nil
	}
	who, oldest := c.oldest()
	switch {
	case !oldest.known():
		return nil
	case next.major != oldest.major || next.minor > oldest.minor+1:
		return runner.Refuse("etcd: %s on %s cannot run beside %d.%d.%d on %s: etcd goes up one minor version at a time. Let apt_repo offer %d.%d first (`apt-cache madison %s` lists what there is)",
			version, host, oldest.major, oldest.minor, oldest.patch, who, oldest.major, oldest.minor+1, serverPackage)
	case next.minor < oldest.minor:
		return runner.Refuse("etcd: %s on %s cannot run beside %d.%d.%d on %s: etcd does not go back. Let apt_repo offer %d.%d there",
			version, host, oldest.major, oldest.minor, oldest.patch, who, oldest.major, oldest.minor)
	case next.minor == 6 && oldest.minor == 5 && oldest.patch < 26:
		return runner.Refuse("etcd: %s on %s has to wait: 3.6 brings removed members back to life from data of a 3.5 before 3.5.26, and %s runs %d.%d.%d. Let apt_repo offer 3.5.26 or later first (`apt-cache madison %s` lists what there is)",
			version, host, who, oldest.major, oldest.minor, oldest.patch, serverPackage)
	}
	return nil
}

// oldest is the oldest version that a member runs.
func (c *cluster) oldest() (who string, oldest release) {
	for _, l := range c.listed {
		s, ok := c.status[l.ID]
		if r := releaseOf(s.Version); ok && r.known() && (!oldest.known() || r.compare(oldest) < 0) {
			who, oldest = nameOf(l), r
		}
	}
	return who, oldest
}
