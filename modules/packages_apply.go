package modules

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// apply plans again after every wait: what another package manager, a repair
// or newer lists have changed counts.
func (m Packages) apply(ctx context.Context, h Host) error {
	if err := awaitApt(ctx, h, m.lockWait()); err != nil {
		return err
	}
	if err := dropPolicy(ctx, h); err != nil {
		return err
	}
	if err := repairDpkg(ctx, h); err != nil {
		return err
	}
	p, err := m.plan(ctx, h)
	if err != nil {
		return err
	}
	if len(p.install) > 0 {
		if err := m.preseed(ctx, h); err != nil {
			return err
		}
		if err := m.install(ctx, h, p); err != nil {
			return err
		}
	}
	if len(p.hold) > 0 {
		if _, err := h.Exec(ctx, Command{Argv: append([]string{"apt-mark", "hold"}, p.hold...)}); err != nil {
			return fmt.Errorf("holding packages: %w", err)
		}
	}
	if m.Fetch {
		return nil // of a folder on the machine itself apt copies nothing: its word has to do
	}
	return m.verify(ctx, h)
}

// verify does not believe apt alone: it also ends well when it has installed
// something else that provides the name.
func (m Packages) verify(ctx context.Context, r Reader) error {
	p, err := m.plan(ctx, r)
	if err != nil || len(p.reasons) == 0 {
		return err
	}
	return Hint(fmt.Errorf("apt-get says that all is well, but %s", strings.Join(p.reasons, ", ")),
		"is it the name of a package, and not one that others provide? see apt-cache policy; the whole output is in %s on the host", aptLog)
}

func (m Packages) preseed(ctx context.Context, h Host) error {
	for _, name := range slices.Sorted(maps.Keys(m.Preseed)) {
		if err := ensureDir(ctx, h, path.Dir(name)); err != nil {
			return err
		}
		content := Content{Path: name, Data: []byte(m.Preseed[name]), Attributes: Root(0o644)}
		if err := h.WriteFile(ctx, content); err != nil {
			return err
		}
	}
	return nil
}

// install brings the packages, with lists that are fresh enough: where apt
// does not find what the lists promise, they are fetched once and it tries again.
func (m Packages) install(ctx context.Context, h Host, p *plan) error {
	updated, err := m.freshen(ctx, h, p)
	if err != nil {
		return err
	}
	if updated {
		if p, err = m.plan(ctx, h); err != nil {
			return err
		}
	}
	err = m.runApt(ctx, h, p)
	if err == nil || updated || !staleLists(err) || updateLists(ctx, h) != nil {
		return err
	}
	if p, err = m.plan(ctx, h); err != nil {
		return err
	}
	return m.runApt(ctx, h, p)
}

func (m Packages) runApt(ctx context.Context, h Host, p *plan) error {
	run := func() error { return aptRun(ctx, h, m.argv(p)) }
	if m.Fetch {
		return run()
	}
	return withoutStarts(ctx, h, run)
}

// freshen fetches the package lists when they are missing or old, or lack a
// name. Lists that cannot be fetched, or not all of them, still serve where
// they know every name: a machine without a network installs from its archive.
func (m Packages) freshen(ctx context.Context, h Host, p *plan) (updated bool, err error) {
	fresh, err := listsFresh(ctx, h, listsMaxAge, aptLists, aptStamp)
	if err != nil {
		return false, err
	}
	known, err := m.known(ctx, h, p)
	if err != nil || fresh && known {
		return false, err
	}
	if err := updateLists(ctx, h); err != nil {
		if known, knownErr := m.known(ctx, h, p); !known {
			return false, errors.Join(err, knownErr)
		}
	}
	return true, nil
}

// known says whether apt has a candidate for every name.
func (m Packages) known(ctx context.Context, r Reader, p *plan) (bool, error) {
	names := make([]string, len(p.install))
	for i, word := range p.install {
		names[i], _, _ = strings.Cut(word, "=")
	}
	candidates, err := Candidates(ctx, r, names...)
	if err != nil {
		return false, err
	}
	return !slices.ContainsFunc(names, func(name string) bool { return candidates[name] == "" }), nil
}

func (m Packages) argv(p *plan) []string {
	argv := aptInstall(m.lockWait())
	if p.held {
		argv = append(argv, "--allow-change-held-packages")
	}
	if m.Fetch {
		argv = append(argv, "--download-only")
	}
	return append(append(argv, "--"), p.install...)
}

// aptInstall begins every installation: no question, no removal.
func aptInstall(wait time.Duration) []string {
	return []string{
		"apt-get", "install", "-y", "-q", "--no-install-recommends", "--no-remove",
		"-o", "Dpkg::Options::=--force-confdef", "-o", "Dpkg::Options::=--force-confold", "-o", "Dpkg::Use-Pty=0",
		"-o", "DPkg::Lock::Timeout=" + strconv.Itoa(int(wait/time.Second)),
	}
}

// staleLists says whether apt failed in a way that newer lists may mend.
func staleLists(err error) bool {
	var exit *ExitError
	if !errors.As(err, &exit) {
		return false
	}
	return slices.ContainsFunc([]string{"Unable to locate", "Failed to fetch", "404 ", "was not found", "no installation candidate"},
		func(sign string) bool { return strings.Contains(exit.Stderr, sign) })
}
