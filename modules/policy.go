package modules

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"
)

// While packages are installed a policy-rc.d forbids that their services
// start: postgresql would create a cluster, etcd found one. Somebody else's
// is put aside meanwhile.
const (
	policyPath  = "/usr/sbin/policy-rc.d"
	policyAside = "/usr/sbin/policy-rc.d.before-pgrun"
	policyMark  = "pgrun: no service starts while packages are installed"
	policyText  = "#!/bin/sh\n# " + policyMark + ".\n# This file is removed when the installation ends; a leftover may be deleted.\nexit 101\n"
)

// withoutStarts runs apt or dpkg while no service can start. An apt that is
// left running (our time is up, or the run was cut) still needs the policy
// then: the next run takes it away.
func withoutStarts(ctx context.Context, h Host, run func() error) error {
	err := putPolicy(ctx, h)
	if err == nil {
		err = run()
	}
	last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	unit, unitErr := h.Unit(last, aptUnit)
	if unitErr != nil || running(unit) {
		return errors.Join(err, unitErr)
	}
	if dropErr := dropPolicy(last, h); dropErr != nil && err == nil {
		err = fmt.Errorf("letting services start again: %w", dropErr)
	}
	return err
}

// policyLeftover says whether an interrupted run has left a policy of ours, or
// theirs put aside.
func policyLeftover(ctx context.Context, r Reader) (bool, error) {
	ours, err := policyIsOurs(ctx, r)
	if err != nil || ours {
		return ours, err
	}
	aside, err := lstat(ctx, r, policyAside)
	return aside != nil, err
}

func policyIsOurs(ctx context.Context, r Reader) (bool, error) {
	text, err := r.ReadFile(ctx, policyPath, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return strings.Contains(string(text), policyMark), err
}

// lstat describes a path, nil where nothing is.
func lstat(ctx context.Context, r Reader, name string) (*Stat, error) {
	stat, err := r.Lstat(ctx, name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return stat, err
}

func putPolicy(ctx context.Context, h Host) error {
	if err := putAside(ctx, h); err != nil {
		return err
	}
	return h.WriteFile(ctx, Content{Path: policyPath, Data: []byte(policyText), Attributes: Root(0o755)})
}

func putAside(ctx context.Context, h Host) error {
	stat, err := lstat(ctx, h, policyPath)
	if err != nil || stat == nil {
		return err
	}
	if stat.Mode&fs.ModeSymlink != 0 {
		if err := h.Link(ctx, policyAside, stat.Target); err != nil {
			return err
		}
		return h.Remove(ctx, policyPath)
	}
	theirs, err := h.ReadFile(ctx, policyPath, 0)
	if err != nil || strings.Contains(string(theirs), policyMark) {
		return err
	}
	attributes := Attributes{Owner: stat.Owner, Group: stat.Group, Mode: stat.Mode}
	return h.WriteFile(ctx, Content{Path: policyAside, Data: theirs, Attributes: attributes})
}

// dropPolicy takes ours away and puts theirs back, at whatever point a run was
// interrupted. Theirs replaces ours in one step, so that one of the two is
// always in its place; what is there and not ours is newer than what was put
// aside.
func dropPolicy(ctx context.Context, h Host) error {
	ours, err := policyIsOurs(ctx, h)
	if err != nil {
		return err
	}
	there, err := lstat(ctx, h, policyPath)
	if err != nil {
		return err
	}
	aside, err := lstat(ctx, h, policyAside)
	switch {
	case err != nil:
		return err
	case aside == nil && ours:
		return h.Remove(ctx, policyPath)
	case aside == nil:
		return nil
	case ours || there == nil:
		if err := putBack(ctx, h, aside); err != nil {
			return err
		}
	}
	return h.Remove(ctx, policyAside)
}

func putBack(ctx context.Context, h Host, aside *Stat) error {
	if aside.Mode&fs.ModeSymlink != 0 {
		return h.Link(ctx, policyPath, aside.Target)
	}
	theirs, err := h.ReadFile(ctx, policyAside, 0)
	if err != nil {
		return err
	}
	attributes := Attributes{Owner: aside.Owner, Group: aside.Group, Mode: aside.Mode}
	return h.WriteFile(ctx, Content{Path: policyPath, Data: theirs, Attributes: attributes})
}
