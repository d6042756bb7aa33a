// Package aptrepo is where the packages of a cluster come from.
package aptrepo

import (
	"context"
	_ "embed"
	"strings"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// Name of the role in the registry.
const Name = "apt_repo"

// The sources of packages.
const (
	PGDG         = "pgdg"
	Distribution = "distribution"
	Mirror       = "mirror"
	Folder       = "folder"
)

// Fingerprint of the key that signs apt.postgresql.org, whole: short key ids
// can be forged.
const Fingerprint = "B97B0AFCAA1A47F044F244A07FCC7D46ACCC4CF8"

// Where the module keeps what is pgrun's.
const (
	sourcesDir = "/etc/apt/sources.list.d"
	ownSources = "pgrun.sources"
	ownKey     = "/etc/apt/keyrings/pgrun.asc"
)

// pgdgKey is the key as Debian's own package postgresql-common ships it.
//
//go:embed pgdg.asc
var pgdgKey []byte

// Role says where apt takes PostgreSQL and its companions from.
type Role struct {
	// Source of the packages: "pgdg" is apt.postgresql.org, which carries every
	// supported major version for every release soon after upstream; "mirror"
	// a copy of it or another signed repository; "folder" .deb files on the
	// host itself, for hosts without a network; "distribution" adds nothing.
	Source string `yaml:"source"`
	// URIs of the repository. Default for pgdg:
	// https://apt.postgresql.org/pub/repos/apt; needed for mirror. The way
	// through a proxy is apt's own setting, for all its sources:
	// Acquire::http::Proxy in a file below /etc/apt/apt.conf.d.
	URIs []string `yaml:"uris"`
	// Suites of the repository. Default: the release's, as in trixie-pgdg.
	Suites []string `yaml:"suites"`
	// Components of the repository. Default: main; none for a flat repository,
	// whose suite ends in a slash.
	Components []string `yaml:"components"`
	// Key that signs a mirror, an armoured OpenPGP public key. Default: PGDG's,
	// which also signs plain copies of PGDG.
	Key string `yaml:"key"`
	// Fingerprint of Key, all 40 digits: a key that does not have it is refused.
	Fingerprint string `yaml:"fingerprint"`
	// Path of the folder on the host, for source folder. It needs an index of
	// its packages (Packages, Packages.gz or Packages.xz), as
	// `dpkg-scanpackages` writes it. Nothing there is signed, so all of it and
	// the folders above must be root's, without links, and nobody else may
	// write to them.
	Path string `yaml:"path"`
}

// New returns the section with its defaults.
func New() runner.Role { return &Role{Source: PGDG} }

// Apply adds the repository, or takes an earlier one away.
func (r *Role) Apply(ctx context.Context, t *runner.Target) error {
	switch r.Source {
	case PGDG, Mirror:
		repository := r.repository(t.Facts.Codename)
		if err := refuseConflict(ctx, t, repository); err != nil {
			return err
		}
		return t.Ensure(ctx, modules.Packages{Names: []string{"ca-certificates"}}, repository)
	case Folder:
		if err := r.checkFolder(ctx, t); err != nil {
			return err
		}
		return t.Ensure(ctx, modules.AptRepository{
			Name: "pgrun", URIs: []string{"file:" + strings.TrimRight(r.Path, "/")}, Suites: []string{"./"}, Trusted: true,
		}, noKey())
	default:
		return t.Ensure(ctx, // of an earlier choice
			modules.File{Path: sourcesDir + "/" + ownSources, Absent: true},
			modules.File{Path: "/var/lib/pgrun/apt/pgrun", Absent: true},
			noKey(),
		)
	}
}

// noKey takes the key of an earlier choice away.
func noKey() modules.File { return modules.File{Path: ownKey, Absent: true} }

func (r *Role) repository(codename string) modules.AptRepository {
	repository := modules.AptRepository{
		Name: "pgrun", URIs: r.URIs, Suites: r.Suites, Components: r.Components,
		Key: pgdgKey, Fingerprint: Fingerprint,
	}
	if len(repository.URIs) == 0 {
		repository.URIs = []string{"https://apt.postgresql.org/pub/repos/apt"}
	}
	if len(repository.Suites) == 0 {
		repository.Suites = []string{codename + "-pgdg"}
	}
	if len(repository.Components) == 0 && !flat(repository.Suites[0]) {
		repository.Components = []string{"main"}
	}
	if r.Key != "" {
		repository.Key, repository.Fingerprint = []byte(r.Key), fingerprint(r.Fingerprint)
	}
	return repository
}
