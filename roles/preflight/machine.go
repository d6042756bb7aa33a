package preflight

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

func systemd(ctx context.Context, o *runner.Observer) (string, error) {
	name, err := o.ReadFile(ctx, "/proc/1/comm", 0)
	if err != nil {
		return "", err
	}
	if init := strings.TrimSpace(string(name)); init != "systemd" {
		return fmt.Sprintf("process 1 is %s, not systemd: services could not be managed", init), nil
	}
	return "", nil
}

// ownAddress catches the address of a load balancer, of NAT, or of another
// host: services that listen on it would not start, or members would talk to
// the wrong one.
func ownAddress(_ context.Context, o *runner.Observer) (string, error) {
	if slices.Contains(o.Facts.Addresses, o.Host.Address) {
		return "", nil
	}
	have := make([]string, 0, len(o.Facts.Addresses))
	for _, a := range o.Facts.Addresses {
		if !a.IsLoopback() && !a.IsLinkLocalUnicast() {
			have = append(have, a.String())
		}
	}
	return fmt.Sprintf("the inventory says that %s is at %s, but it has %s: set `address` to the one where cluster members reach it",
		o.Host.Name, o.Host.Address, strings.Join(have, ", ")), nil
}

func locale(ctx context.Context, o *runner.Observer) (string, error) {
	result, err := o.Query(ctx, modules.Command{Argv: []string{"locale", "-a"}})
	if err != nil {
		return "", err
	}
	for name := range strings.FieldsSeq(string(result.Stdout)) {
		if strings.EqualFold(strings.ReplaceAll(name, "-", ""), "C.utf8") {
			return "", nil
		}
	}
	return "the locale C.UTF-8, which databases are created with, is not there: install libc-bin from the distribution", nil
}

func (r *Role) memory(_ context.Context, o *runner.Observer) (string, error) {
	if have := o.Facts.Memory >> 20; have < int64(r.MinMemoryMB) {
		return fmt.Sprintf("%s has %d MiB of memory, less than preflight.min_memory_mb (%d)", o.Host.Name, have, r.MinMemoryMB), nil
	}
	return "", nil
}

// noteClock tells of a clock that is not synchronised. It refuses nothing: a
// host that just booted synchronises soon, and a container shares its clock.
func (r *Role) noteClock(ctx context.Context, t *runner.Target) error {
	if t.Facts.Container {
		return nil
	}
	result, err := t.Query(ctx, modules.Command{Argv: []string{"timedatectl", "show", "--property=NTPSynchronized", "--value"}})
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		t.Skip(ctx, "clock is synchronised", "timedatectl does not say")
	case strings.TrimSpace(string(result.Stdout)) != "yes":
		t.Warn("the clock is not synchronised, or not yet: install chrony or systemd-timesyncd, and see `timedatectl`; leases and logs of the cluster need clocks that agree")
	}
	return nil
}

func exists(ctx context.Context, o *runner.Observer, path string) (bool, error) {
	_, err := o.Lstat(ctx, path)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
