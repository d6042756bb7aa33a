package aptrepo

import (
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// Validate reports keys that do not go with the source.
func (r *Role) Validate(v *runner.View) {
	switch r.Source {
	case PGDG, Mirror:
		r.validateRepository(v)
	case Folder:
		r.validateUnused(v)
		if !path.IsAbs(r.Path) {
			v.Problem("path", "%q is not an absolute path of a folder on the host", r.Path)
		}
		validateWords(v, "path", r.Path)
	case Distribution:
		r.validateUnused(v)
	default:
		v.Problem("source", "%q is not a source: choose pgdg, distribution, mirror or folder", r.Source)
	}
	if r.Path != "" && r.Source != Folder {
		v.Problem("path", "is only for source: folder")
	}
}

// validateUnused finds what the source has no use for.
func (r *Role) validateUnused(v *runner.View) {
	for _, given := range []struct {
		key   string
		there bool
	}{
		{"uris", len(r.URIs) > 0}, {"suites", len(r.Suites) > 0}, {"components", len(r.Components) > 0},
		{"key", r.Key != ""}, {"fingerprint", r.Fingerprint != ""},
	} {
		if given.there {
			v.Problem(given.key, "is only for the sources pgdg and mirror")
		}
	}
}

func (r *Role) validateRepository(v *runner.View) {
	if r.Source == Mirror && len(r.URIs) == 0 {
		v.Problem("uris", "is missing: name the mirror, as in [https://mirror.example.com/pgdg]")
	}
	for _, uri := range r.URIs {
		validateURI(v, uri)
	}
	validateWords(v, "uris", r.URIs...)
	validateWords(v, "suites", r.Suites...)
	validateWords(v, "components", r.Components...)
	switch {
	case !slices.ContainsFunc(r.Suites, flat):
	case !slices.ContainsFunc(r.Suites, func(suite string) bool { return !flat(suite) }):
		if len(r.Components) > 0 {
			v.Problem("components", "does not go with a flat repository, whose suite ends in a slash: leave it out")
		}
	default:
		v.Problem("suites", "either all end in a slash (flat repositories) or none")
	}
	r.validateKey(v)
}

// flat says whether a suite is the folder of a flat repository.
func flat(suite string) bool { return strings.HasSuffix(suite, "/") }

// validateWords keeps apart what apt separates by blanks.
func validateWords(v *runner.View, key string, values ...string) {
	for _, value := range values {
		if value != "" && !regexp.MustCompile(`^[!-~]+$`).MatchString(value) {
			v.Problem(key, "%q is more than one word, or holds what apt cannot read", value)
		}
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

// validateKey compares the key with its fingerprint before any host is asked.
func (r *Role) validateKey(v *runner.View) {
	want := fingerprint(r.Fingerprint)
	switch {
	case r.Key == "" && want == "":
		return
	case r.Key == "":
		v.Problem("key", "is missing: the fingerprint alone does not say which key")
		return
	case !regexp.MustCompile(`^[0-9A-F]{40}$`).MatchString(want):
		v.Problem("fingerprint", "must be the key's whole fingerprint, 40 hexadecimal digits, as `gpg --show-keys` prints it")
		return
	}
	switch have, err := modules.ParseSigningKey([]byte(r.Key)); {
	case err != nil:
		v.Problem("key", "%v", err)
	case have.Fingerprint != want:
		v.Problem("fingerprint", "is %s, but the key's is %s: get the key from its owner again, and compare the fingerprint by another way", want, have.Fingerprint)
	}
}

// fingerprint takes a fingerprint as people copy it.
func fingerprint(text string) string {
	return strings.ToUpper(strings.Join(strings.Fields(text), ""))
}
