package postgres

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/pgrun/pgrun/modules"
)

// Version is a package's state on a host, as dpkg and apt write versions; ""
// is none.
type Version struct{ Installed, Candidate string }

// Upgradable says whether the candidate is another version than the installed.
// apt never offers a lower one unless it is pinned so.
func (v Version) Upgradable() bool {
	return v.Installed != "" && v.Candidate != "" && v.Installed != v.Candidate
}

// Versions returns the installed and the candidate version of packages.
func Versions(ctx context.Context, r modules.Reader, packages ...string) (map[string]Version, error) {
	result, err := r.Query(ctx, modules.Command{
		Argv: append([]string{"apt-cache", "policy"}, packages...), Env: []string{"LC_ALL=C"},
	})
	if err != nil {
		return nil, fmt.Errorf("asking apt for versions: %w", err)
	}
	return parsePolicy(string(result.Stdout)), nil
}

var policyLine = regexp.MustCompile(`^  (Installed|Candidate): (.+)$`)

func parsePolicy(text string) map[string]Version {
	versions := map[string]Version{}
	var name string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if line != "" && line[0] != ' ' {
			name = strings.TrimSuffix(line, ":")
			versions[name] = Version{}
			continue
		}
		found := policyLine.FindStringSubmatch(line)
		if found == nil || found[2] == "(none)" {
			continue
		}
		v := versions[name]
		if found[1] == "Installed" {
			v.Installed = found[2]
		} else {
			v.Candidate = found[2]
		}
		versions[name] = v
	}
	return versions
}

var upstream = regexp.MustCompile(`^(?:\d+:)?(\d+(?:\.\d+)*)`)

// Upstream is the upstream part of a package's version: 17.11 of
// 17.11-0+deb13u1.
func Upstream(version string) string {
	found := upstream.FindStringSubmatch(version)
	if found == nil {
		return ""
	}
	return found[1]
}

// ServerVersion is the number by which a server of a package's version calls
// itself: 170011 of 17.11-0+deb13u1.
func ServerVersion(version string) (int, error) {
	major, minor, found := strings.Cut(Upstream(version), ".")
	m, err := strconv.Atoi(major)
	n, err2 := strconv.Atoi(minor)
	if !found || err != nil || err2 != nil {
		return 0, errors.Join(fmt.Errorf("%q is no version of PostgreSQL", version), err, err2)
	}
	return m*10000 + n, nil
}
