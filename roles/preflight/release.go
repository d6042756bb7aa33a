package preflight

import (
	"context"
	"fmt"
	"regexp"
	"slices"

	"github.com/pgrun/pgrun/runner"
)

// supported are the releases that pgrun is tested on or that its packages are
// built for.
func supported() []string {
	return []string{"debian 12", "debian 13", "ubuntu 22.04", "ubuntu 24.04"}
}

// named is what os-release calls the system: debian 13, or debian forky while
// a release is being made and has no version yet.
func named(o *runner.Observer) string {
	if o.Facts.Version == "" {
		return o.Facts.OS + " " + o.Facts.Codename
	}
	return o.Facts.OS + " " + o.Facts.Version
}

// release refuses what nobody tried: versions of packages that pgrun does not
// know would meet a database first.
func (r *Role) release(_ context.Context, o *runner.Observer) (string, error) {
	have := named(o)
	if slices.Contains(supported(), have) || slices.Contains(r.UntestedReleases, have) {
		return "", nil
	}
	return fmt.Sprintf("%s is %s: pgrun supports Debian 12 and 13, Ubuntu 22.04 and 24.04; to try it where no data can be lost, set `preflight: {untested_releases: [%s]}`",
		o.Host.Name, have, have), nil
}

// noteRelease keeps in sight what the inventory let in.
func (r *Role) noteRelease(ctx context.Context, t *runner.Target) {
	if have := named(t.Observer); !slices.Contains(supported(), have) && slices.Contains(r.UntestedReleases, have) {
		t.Skip(ctx, "release is tested", have+" is not: it is here by preflight.untested_releases")
	}
}

func (r *Role) validateReleases(v *runner.View) {
	for _, name := range r.UntestedReleases {
		if !regexp.MustCompile(`^(debian|ubuntu) [a-z0-9.]+$`).MatchString(name) {
			v.Problem("untested_releases", "%q is not a release: write it as in debian 14, or debian forky while it has no number", name)
		}
	}
}
