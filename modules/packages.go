package modules

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Packages are Debian packages, installed without their services being
// started, without questions, and without removing others.
type Packages struct {
	Names []string
	// Versions wanted, by name, as dpkg writes them; a trailing * is a glob;
	// none: any installed version will do, and it is not upgraded.
	Versions map[string]string
	Hold     bool              // hold the names, so that only pgrun upgrades them
	Latest   bool              // upgrade to the candidate version
	Fetch    bool              // only download what would be installed, for a quick upgrade later
	Preseed  map[string]string // files written before the installation, path to content (0644)
	LockWait time.Duration     // for another dpkg to end; 0 is 5 minutes
}

const (
	packagesDeadline = 30 * time.Minute
	lockWait         = 5 * time.Minute
)

func (m Packages) String() string {
	if m.Fetch {
		return "download of packages " + strings.Join(m.Names, ", ")
	}
	return "packages " + strings.Join(m.Names, ", ")
}

// plan is what has to be done about the packages.
type plan struct {
	install []string // name or name=version, as apt-get takes it
	hold    []string
	reasons []string
	before  []string
	after   []string
	held    bool // a name that will change is held, and by pgrun; an administrator's hold stands
}

// Check compares with dpkg's status, which it reads without a fork. Only
// Latest and Fetch ask apt.
func (m Packages) Check(ctx context.Context, r Reader) (*Change, error) {
	if err := m.validate(); err != nil {
		return nil, err
	}
	plan, err := m.plan(ctx, r)
	if err != nil {
		return nil, err
	}
	leftover, err := policyLeftover(ctx, r)
	if err != nil {
		return nil, err
	}
	if leftover {
		plan.reasons = append(plan.reasons, "an interrupted run left "+policyPath+" behind")
	}
	if len(plan.reasons) == 0 {
		return nil, nil
	}
	return &Change{
		Summary:  strings.Join(plan.reasons, ", "),
		Before:   asLines(plan.before),
		After:    asLines(plan.after),
		Deadline: packagesDeadline + m.lockWait(),
		Apply:    m.apply,
	}, nil
}

func asLines(list []string) []byte {
	if len(list) == 0 {
		return nil
	}
	return []byte(strings.Join(list, "\n") + "\n")
}

func (m Packages) lockWait() time.Duration {
	if m.LockWait > 0 {
		return m.LockWait
	}
	return lockWait
}

func (m Packages) validate() error {
	if err := checkPackageNames(m.Names); err != nil {
		return err
	}
	for name, version := range m.Versions {
		if !slices.Contains(m.Names, name) {
			return fmt.Errorf("a version is wanted of %s, which is not among the packages", name)
		}
		if version != "" && !packageVersion().MatchString(version) {
			return fmt.Errorf("%q is no version of a Debian package (%s)", version, name)
		}
	}
	return nil
}

// checkPackageNames keeps what is no name, and so may be an option, from apt.
func checkPackageNames(names []string) error {
	pattern := regexp.MustCompile(`^[a-z0-9][a-z0-9+.-]+(:[a-z0-9-]+)?$`)
	for _, name := range names {
		if !pattern.MatchString(name) {
			return fmt.Errorf("%q is no name of a Debian package", name)
		}
	}
	return nil
}

func packageVersion() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9.+:~-]*\*?$`) }
