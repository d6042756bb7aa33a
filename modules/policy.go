package modules

import (
	"context"
	"errors"
	"io/fs"
	"strings"
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

// policyLeftover says whether a policy of ours is there.
func policyLeftover(ctx context.Context, r Reader) (bool, error) {
	text, err := r.ReadFile(ctx, policyPath, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return strings.Contains(string(text), policyMark), nil
}

func putPolicy(ctx context.Context, h Host) error {
	if err := putAside(ctx, h); err != nil {
		return err
	}
	return h.WriteFile(ctx, Content{Path: policyPath, Data: []byte(policyText), Attributes: Attributes{Mode: 0o755}})
}

func putAside(ctx context.Context, h Host) error {
	stat, err := h.Lstat(ctx, policyPath)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
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

// dropPolicy takes ours away and puts theirs back, whichever of the two an
// interrupted run has left.
func dropPolicy(ctx context.Context, h Host) error {
	ours, err := policyLeftover(ctx, h)
	if err != nil {
		return err
	}
	if ours {
		if err := h.Remove(ctx, policyPath); err != nil {
			return err
		}
	}
	stat, err := h.Lstat(ctx, policyAside)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if err := putBack(ctx, h, stat); err != nil {
		return err
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
