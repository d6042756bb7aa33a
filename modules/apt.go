package modules

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
	"time"
)

const (
	aptUnit     = "pgrun-apt.service"
	aptLog      = "/run/pgrun/apt.log"
	aptLists    = "/var/lib/apt/lists"
	aptStamp    = "/run/pgrun/apt-updated" // of our own, since lists that the mirror has not changed keep their times
	lockTaken   = "Could not get lock"     // as apt says it
	listsMaxAge = 24 * time.Hour
	// updateDeadline bounds apt-get update: mirrors that do not answer.
	updateDeadline = 5 * time.Minute
)

// aptRun runs apt or dpkg in a transient unit, so that neither the end of the
// worker nor of its session interrupts dpkg: it ends by itself, and the next
// run waits for it. Its output goes to a file, of which an error has the end.
func aptRun(ctx context.Context, h Host, argv []string) error {
	if err := ensureDir(ctx, h, path.Dir(aptLog)); err != nil {
		return err
	}
	if err := h.Remove(ctx, aptLog); err != nil {
		return err
	}
	wrapped := []string{
		"systemd-run", "--unit=" + aptUnit, "--description=packages for pgrun", "--collect", "--wait", "--quiet",
		"--service-type=exec", "--property=StandardOutput=append:" + aptLog, "--property=StandardError=append:" + aptLog,
	}
	for _, variable := range aptEnvironment() {
		wrapped = append(wrapped, "--setenv="+variable)
	}
	_, err := h.Exec(ctx, Command{Argv: append(append(wrapped, "--"), argv...), Deadline: packagesDeadline})
	var exit *ExitError
	if !errors.As(err, &exit) {
		return err
	}
	failed := &ExitError{Argv: argv, Code: exit.Code, Stderr: exit.Stderr}
	if text, readErr := h.ReadFile(ctx, aptLog, MaxFile); readErr == nil && len(text) > 0 {
		failed.Stderr = LastLines(string(text), 20)
	}
	return aptHint(failed)
}

// aptEnvironment keeps apt and the hooks of packages from asking, and
// needrestart from restarting the very services that are clustered.
func aptEnvironment() []string {
	return []string{
		"DEBIAN_FRONTEND=noninteractive", "LANG=C.UTF-8", "NEEDRESTART_SUSPEND=1", "NEEDRESTART_MODE=l",
		"APT_LISTCHANGES_FRONTEND=none", "UCF_FORCE_CONFFOLD=1",
	}
}

// LastLines returns the last lines of a text.
func LastLines(text string, count int) string {
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	return strings.Join(lines[max(0, len(lines)-count):], "\n")
}

// aptHint adds what to do about the failures that operators meet.
func aptHint(err *ExitError) error {
	for _, known := range []struct{ sign, hint string }{
		{"remove is disabled", "the installation would remove other packages: look with apt-get -s install, and remove them yourself if that is right"},
		{"enough free space", "make room in /var/cache/apt/archives (apt-get clean) and on /"},
		{"No space left on device", "make room on the disk, then run again: dpkg is repaired first"},
		{"Unable to locate package", "is the package source right for this release? see role apt_repo"},
		{"is a virtual package", "name one of the packages that provide it"},
		{"no installation candidate", "is the package source right for this release? see role apt_repo"},
		{"as a downgrade", "a newer version is installed, and packages are never downgraded: ask for that one, or downgrade by hand"},
		{"was not found", "list the versions with apt-cache madison <package>"},
		{"unmet dependencies", "look with apt-get -s install which package is in the way; held ones are listed by apt-mark showhold"},
		{"held packages", "see apt-mark showhold"},
		{"Held packages", "somebody holds it: see apt-mark showhold, and release it if that is right"},
		{"were downgraded", "a newer version is installed, and packages are never downgraded: ask for that one, or downgrade by hand"},
		{"NO_PUBKEY", "the package source is signed with a key that this host does not have: see role apt_repo"},
		{"Missing key", "the package source is signed with a key that this host does not have: see role apt_repo"},
		{"EXPKEYSIG", "the key of the package source has expired: get it again from its owner, with the new date; see role apt_repo"},
		{"BADSIG", "what came is not what the source signed: a proxy or mirror in between spoils it, or is in the middle of an update"},
		{"is not valid yet", "the host's clock is behind: synchronise it"},
		{"is expired (invalid since", "the mirror has not been updated for long, or the host's clock is ahead"},
		{"Conflicting values set for option", "two files below /etc/apt/sources.list.d have the same repository with different keys: remove one"},
		{"is not signed", "the package source has no signature: see role apt_repo"},
		{"Certificate verification failed", "the host does not trust the mirror's certificate: bring its CA below /usr/local/share/ca-certificates and run update-ca-certificates"},
		{"407  ", "the proxy asks for a password: Acquire::http::Proxy below /etc/apt/apt.conf.d may hold one"},
		{"Temporary failure resolving", "the host cannot resolve the mirror's name: check DNS, or set a mirror or proxy"},
		{"Could not connect", "the host cannot reach the mirror: check network, firewall and proxy"},
		{"Unable to connect", "the host cannot reach the mirror: check network, firewall and proxy"},
		{"Failed to fetch", "check network, firewall and proxy, and that the mirror is complete; take sources that are no more out of /etc/apt"},
		{lockTaken, "another package manager runs: wait for it, or end it"},
	} {
		if strings.Contains(err.Stderr, known.sign) {
			return Hint(err, "%s", known.hint)
		}
	}
	return Hint(err, "the whole output is in %s on the host", aptLog)
}

// updateLists fetches all package lists.
func updateLists(ctx context.Context, h Host) error {
	if err := aptUpdate(ctx, h); err != nil {
		return fmt.Errorf("fetching package lists: %w", err)
	}
	if err := ensureDir(ctx, h, path.Dir(aptStamp)); err != nil {
		return err
	}
	return h.WriteFile(ctx, Content{Path: aptStamp, Attributes: Root(0o644)})
}

// aptUpdate fetches lists, and fails when one of them could not be fetched:
// apt-get alone would call that a warning. It does not wait for the lock of
// the lists either.
func aptUpdate(ctx context.Context, h Host, options ...string) error {
	argv := append([]string{
		"apt-get", "update", "-q", "-o", "Acquire::Retries=2", "-o", "APT::Update::Error-Mode=any",
	}, options...)
	run := func() error {
		_, err := h.Exec(ctx, Command{Argv: argv, Env: aptEnvironment(), Deadline: updateDeadline})
		return err
	}
	err := run()
	var exit *ExitError
	if errors.As(err, &exit) && strings.Contains(exit.Stderr, lockTaken) {
		if err := awaitApt(ctx, h, lockWait); err != nil {
			return err
		}
		err = run()
	}
	if errors.As(err, &exit) {
		return aptHint(exit)
	}
	return err
}

// listsFresh says whether there are package lists, and one of the witnesses is
// within the age.
func listsFresh(ctx context.Context, r Reader, age time.Duration, witnesses ...string) (bool, error) {
	names, err := r.ReadDir(ctx, aptLists)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, err
	}
	some := slices.ContainsFunc(names, func(name string) bool {
		return strings.HasSuffix(name, "Release") || strings.Contains(name, "_Packages")
	})
	for _, witness := range witnesses {
		stat, err := lstat(ctx, r, witness)
		if err != nil {
			return false, err
		}
		if some && stat != nil && time.Since(stat.ModTime) < age {
			return true, nil
		}
	}
	return false, nil
}

// ensureDir makes a folder where there is none.
func ensureDir(ctx context.Context, h Host, folder string) error {
	stat, err := lstat(ctx, h, folder)
	if err != nil || stat != nil {
		return err
	}
	return h.MakeDir(ctx, folder, Attributes{})
}
