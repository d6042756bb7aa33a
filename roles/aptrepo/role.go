// Package aptrepo is where the packages of a cluster come from.
package aptrepo

import (
	"context"
	_ "embed"
	"errors"
	"io/fs"
	"net/url"
	"path"
	"regexp"
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
	// https://apt.postgresql.org/pub/repos/apt; needed for mirror.
	URIs []string `yaml:"uris"`
	// Suites of the repository. Default: the release's, as in trixie-pgdg.
	Suites []string `yaml:"suites"`
	// Components of the repository. Default: main.
	Components []string `yaml:"components"`
	// Key that signs a mirror, an armoured OpenPGP public key. Default: PGDG's,
	// which also signs plain copies of PGDG.
	Key string `yaml:"key"`
	// Fingerprint of Key, all 40 digits: a key that does not have it is refused.
	Fingerprint string `yaml:"fingerprint"`
	// Path of the folder on the host, for source folder. It needs an index of
	// its packages (Packages, Packages.gz or Packages.xz), as
	// `dpkg-scanpackages` writes it.
	Path string `yaml:"path"`
}

// New returns the section with its defaults.
func New() runner.Role { return &Role{Source: PGDG} }

// Validate reports keys that do not go with the source.
func (r *Role) Validate(v *runner.View) {
	switch r.Source {
	case PGDG, Mirror:
		r.validateRepository(v)
	case Folder:
		if !path.IsAbs(r.Path) {
			v.Problem("path", "%q is not an absolute path of a folder on the host", r.Path)
		}
	case Distribution:
	default:
		v.Problem("source", "%q is not a source: choose pgdg, distribution, mirror or folder", r.Source)
	}
	if r.Path != "" && r.Source != Folder {
		v.Problem("path", "is only for source: folder")
	}
}

func (r *Role) validateRepository(v *runner.View) {
	if r.Source == Mirror && len(r.URIs) == 0 {
		v.Problem("uris", "is missing: name the mirror, as in [https://mirror.example.com/pgdg]")
	}
	for _, uri := range r.URIs {
		validateURI(v, uri)
	}
	switch {
	case r.Key == "" && r.Fingerprint != "":
		v.Problem("key", "is missing: the fingerprint alone does not say which key")
	case r.Key != "" && !regexp.MustCompile(`^[0-9A-F]{40}$`).MatchString(fingerprint(r.Fingerprint)):
		v.Problem("fingerprint", "must be the key's whole fingerprint, 40 hexadecimal digits, as `gpg --show-keys` prints it")
	}
}

func validateURI(v *runner.View, uri string) {
	u, err := url.Parse(uri)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https":
		v.Problem("uris", "%q is not an http or https address", uri)
	case u.User != nil:
		v.Problem("uris", "must not hold a password: put it into /etc/apt/auth.conf.d on the hosts")
	}
}

// Apply adds the repository, or takes an earlier one away.
func (r *Role) Apply(ctx context.Context, t *runner.Target) error {
	switch r.Source {
	case PGDG, Mirror:
		return t.Ensure(ctx,
			modules.Packages{Names: []string{"ca-certificates"}},
			r.repository(t.Facts.Codename),
		)
	case Folder:
		if err := r.checkFolder(ctx, t); err != nil {
			return err
		}
		return t.Ensure(ctx, modules.AptRepository{
			Name: "pgrun", URIs: []string{"file:" + strings.TrimRight(r.Path, "/")}, Suites: []string{"./"}, Trusted: true,
		})
	default:
		return t.Ensure(ctx, // of an earlier choice
			modules.File{Path: "/etc/apt/sources.list.d/pgrun.sources", Absent: true},
			modules.File{Path: "/var/lib/pgrun/apt/pgrun", Absent: true},
		)
	}
}

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
	if len(repository.Components) == 0 {
		repository.Components = []string{"main"}
	}
	if r.Key != "" {
		repository.Key, repository.Fingerprint = []byte(r.Key), fingerprint(r.Fingerprint)
	}
	return repository
}

// checkFolder refuses a folder that apt could not read, with what to do.
func (r *Role) checkFolder(ctx context.Context, t *runner.Target) error {
	for _, index := range []string{"Packages", "Packages.gz", "Packages.xz"} {
		_, err := t.Lstat(ctx, path.Join(r.Path, index))
		if err == nil {
			return nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return runner.Refuse("apt_repo: %s has no index of its packages: run `dpkg-scanpackages . > Packages` in it, where dpkg-dev is installed, and copy it to the host with the packages", r.Path)
}

// fingerprint takes a fingerprint as people copy it.
func fingerprint(text string) string {
	return strings.ToUpper(strings.ReplaceAll(text, " ", ""))
}
