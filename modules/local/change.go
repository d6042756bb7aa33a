//go:build linux

package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"

	"golang.org/x/sys/unix"

	"github.com/pgrun/pgrun/modules"
)

// MakeDir implements modules.Host.
func (h *Host) MakeDir(ctx context.Context, name string, a modules.Attributes) error {
	if err := begin(ctx); err != nil {
		return err
	}
	if _, _, err := h.names.numbers(a); err != nil {
		return failed("mkdir", name, err)
	}
	d, err := h.open(name)
	if err == nil {
		defer d.close()
		return h.set(d.fd, name, a)
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := h.parents(path.Dir(path.Clean(name))); err != nil {
		return err
	}
	if a.Mode == 0 {
		a.Mode = 0o755
	}
	return h.makeOne(name, a)
}

// parents makes what is missing and leaves what is there.
func (h *Host) parents(name string) error {
	d, err := h.open(name)
	if err == nil {
		d.close()
		return nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := h.parents(path.Dir(name)); err != nil {
		return err
	}
	return h.makeOne(name, modules.Attributes{Mode: 0o755})
}

func (h *Host) makeOne(name string, a modules.Attributes) error {
	d, base, err := h.place(name)
	if err != nil {
		return err
	}
	defer d.close()
	// Nobody but root can write in it, whoever is its owner at the end; and it
	// has its mode already if this process ends before the next line.
	if err := unix.Mkdirat(d.fd, base, modules.Bits(a.Mode)&0o755); err != nil && !errors.Is(err, unix.EEXIST) {
		return d.explain(name, 0, err)
	}
	made, err := d.enter(base)
	if err != nil {
		return failed("mkdir", name, err)
	}
	defer made.close()
	if err := h.set(made.fd, name, a); err != nil {
		return err
	}
	return d.sync()
}

// SetAttributes implements modules.Host.
func (h *Host) SetAttributes(ctx context.Context, name string, a modules.Attributes) error {
	if err := begin(ctx); err != nil {
		return err
	}
	d, base, err := h.place(name)
	if err != nil {
		return err
	}
	defer d.close()
	fd, err := unix.Openat(d.fd, base, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return failed("open", name, err)
	}
	defer func() { _ = unix.Close(fd) }()
	var stat unix.Stat_t
	if err := unix.Fstat(fd, &stat); err != nil {
		return failed("stat", name, err)
	}
	switch kind := stat.Mode & unix.S_IFMT; {
	case kind == unix.S_IFLNK:
		return failed("chmod", name, errors.New("is a symbolic link: not followed"))
	case kind == unix.S_IFREG && stat.Nlink > 1 && !d.safe:
		// It may be a hard link that another user made to a file of the system.
		return failed("chmod", name, fmt.Errorf("has %d names and lies in a folder that other users can write", stat.Nlink))
	}
	return h.set(fd, name, a)
}

// set gives owner, group and mode to what an O_PATH descriptor stands for.
func (h *Host) set(fd int, name string, a modules.Attributes) error {
	uid, gid, err := h.names.numbers(a)
	if err != nil {
		return failed("chown", name, err)
	}
	if uid >= 0 || gid >= 0 { // before the mode: chown takes set-user-ID away
		if err := unix.Fchownat(fd, "", uid, gid, unix.AT_EMPTY_PATH); err != nil {
			return failed("chown", name, err)
		}
	}
	if bits := modules.Bits(a.Mode); bits != 0 {
		if err := unix.Fchmodat(unix.AT_FDCWD, fmt.Sprintf("/proc/self/fd/%d", fd), bits, 0); err != nil {
			return failed("chmod", name, err)
		}
	}
	return nil
}

// Link implements modules.Host.
func (h *Host) Link(ctx context.Context, name, target string) error {
	if err := begin(ctx); err != nil {
		return err
	}
	d, base, err := h.place(name)
	if err != nil {
		return err
	}
	defer d.close()
	sweep(d, base)
	temporary := temporaryName(base)
	if err := unix.Symlinkat(target, d.fd, temporary); err != nil {
		return d.explain(name, 0, err)
	}
	if err := unix.Renameat(d.fd, temporary, d.fd, base); err != nil {
		return failed("symlink", name, errors.Join(err, drop(d, temporary)))
	}
	return d.sync()
}

// Remove implements modules.Host.
func (h *Host) Remove(ctx context.Context, name string) error {
	if err := begin(ctx); err != nil {
		return err
	}
	d, base, err := h.place(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer d.close()
	err = unix.Unlinkat(d.fd, base, 0)
	if errors.Is(err, unix.EISDIR) {
		err = unix.Unlinkat(d.fd, base, unix.AT_REMOVEDIR)
	}
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return failed("remove", name, err)
	}
	return d.sync()
}
