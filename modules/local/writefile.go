//go:build linux

package local

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/pgrun/pgrun/modules"
)

// temporaryMark is in the names of files in the making.
const temporaryMark = ".pgrun-"

// WriteFile implements modules.Host.
func (h *Host) WriteFile(ctx context.Context, c modules.Content) error {
	if err := begin(ctx); err != nil {
		return err
	}
	d, base, err := h.place(c.Path)
	if err != nil {
		return err
	}
	defer d.close()
	wanted, err := h.wanted(d, base, c)
	if err != nil {
		return failed("write", c.Path, err)
	}
	sweep(d, base)
	temporary := temporaryName(base)
	if err := d.fill(temporary, wanted, c.Data); err != nil {
		return d.explain(c.Path, len(c.Data), errors.Join(err, drop(d, temporary)))
	}
	if err := h.validate(ctx, c, path.Join(d.path, temporary)); err != nil {
		return errors.Join(err, drop(d, temporary))
	}
	if err := unix.Renameat(d.fd, temporary, d.fd, base); err != nil {
		return d.explain(c.Path, len(c.Data), errors.Join(err, drop(d, temporary)))
	}
	if err := d.sync(); err != nil {
		return failed("sync", path.Dir(c.Path), err)
	}
	return nil
}

// ownership is what a file will have; -1 leaves owner or group as it is made.
type ownership struct {
	uid, gid int
	mode     uint32
}

// wanted takes what is not asked for from the file that is replaced, or from
// the defaults of a new one.
func (h *Host) wanted(d folder, base string, c modules.Content) (ownership, error) {
	uid, gid, err := h.names.numbers(c.Attributes)
	if err != nil {
		return ownership{}, err
	}
	o := ownership{uid: uid, gid: gid, mode: modules.Bits(c.Mode)}
	fallback := ownership{uid: -1, gid: -1, mode: 0o644}
	if os.Geteuid() == 0 {
		fallback.uid, fallback.gid = 0, 0
	}
	var old unix.Stat_t
	switch err := unix.Fstatat(d.fd, base, &old, unix.AT_SYMLINK_NOFOLLOW); {
	case errors.Is(err, unix.ENOENT):
	case err != nil:
		return o, err
	case old.Mode&unix.S_IFMT == unix.S_IFLNK:
		target, _ := readlink(d.fd, base)
		return o, fmt.Errorf("is a symbolic link to %s: not written through it", target)
	case old.Mode&unix.S_IFMT != unix.S_IFREG:
		return o, fmt.Errorf("is no regular file (%s)", fileMode(old.Mode))
	default:
		fallback = ownership{uid: int(old.Uid), gid: int(old.Gid), mode: old.Mode & 0o7777}
	}
	if o.uid < 0 {
		o.uid = fallback.uid
	}
	if o.gid < 0 {
		o.gid = fallback.gid
	}
	if o.mode == 0 {
		o.mode = fallback.mode
	}
	return o, nil
}

// temporaryPrefix is cut so that a name of any length leaves room for the rest.
func temporaryPrefix(base string) string { return "." + base[:min(len(base), 200)] + temporaryMark }

func temporaryName(base string) string {
	random := make([]byte, 6)
	_, _ = rand.Read(random) // never fails
	return fmt.Sprintf("%s%x", temporaryPrefix(base), random)
}

// sweep removes what a run that was killed while it wrote this file has left.
func sweep(d folder, base string) {
	names, err := d.list()
	if err != nil {
		return
	}
	for _, name := range names {
		if strings.HasPrefix(name, temporaryPrefix(base)) {
			_ = unix.Unlinkat(d.fd, name, 0)
		}
	}
}

// fill makes the temporary file: owner and mode are right before there is any
// content that they protect.
func (d folder) fill(name string, o ownership, data []byte) error {
	fd, err := unix.Openat(d.fd, name, unix.O_WRONLY|unix.O_CREAT|unix.O_EXCL|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0o600)
	if err != nil {
		return err
	}
	file := os.NewFile(uintptr(fd), path.Join(d.path, name))
	defer file.Close()
	if o.uid >= 0 || o.gid >= 0 {
		if err := unix.Fchown(fd, o.uid, o.gid); err != nil {
			return fmt.Errorf("giving it to its owner: %w", err)
		}
	}
	if err := unix.Fchmod(fd, o.mode); err != nil {
		return err
	}
	if _, err := file.Write(data); err != nil {
		return bare(err)
	}
	if err := file.Sync(); err != nil {
		return bare(err)
	}
	return bare(file.Close())
}

// bare takes the temporary file's name from an error.
func bare(err error) error {
	var pathError *fs.PathError
	if errors.As(err, &pathError) {
		return pathError.Err
	}
	return err
}

// validate runs the command on the temporary file. What it says names the
// file by its own name.
func (h *Host) validate(ctx context.Context, c modules.Content, temporary string) error {
	if len(c.Validate) == 0 {
		return nil
	}
	temporary = path.Join(h.root, temporary)
	argv := make([]string, len(c.Validate))
	for i, word := range c.Validate {
		argv[i] = strings.ReplaceAll(word, "{}", temporary)
	}
	_, err := h.Exec(ctx, modules.Command{Argv: argv, User: c.ValidateUser})
	var exit *modules.ExitError
	if errors.As(err, &exit) {
		for i, word := range exit.Argv {
			exit.Argv[i] = strings.ReplaceAll(word, temporary, c.Path)
		}
		exit.Stderr = strings.ReplaceAll(exit.Stderr, temporary, c.Path)
	}
	if err != nil {
		return fmt.Errorf("%s is not valid and was not written: %w", c.Path, err)
	}
	return nil
}

// explain names the file, and for a full disk how full it is.
func (d folder) explain(name string, need int, err error) error {
	if !errors.Is(err, unix.ENOSPC) && !errors.Is(err, unix.EDQUOT) {
		return failed("write", name, err)
	}
	var disk unix.Statfs_t
	if unix.Fstatfs(d.fd, &disk) == nil {
		err = fmt.Errorf("%w (%d bytes needed; %d bytes and %d inodes are free in %s)",
			err, need, int64(disk.Bavail)*disk.Bsize, disk.Ffree, d.path)
	}
	return modules.Hint(failed("write", name, err), "make room on the disk of %s and run again; the old file is untouched", d.path)
}

func drop(d folder, name string) error {
	if err := unix.Unlinkat(d.fd, name, 0); err != nil && !errors.Is(err, unix.ENOENT) {
		return err
	}
	return nil
}

// sync makes names in the folder last.
func (d folder) sync() error {
	fd, err := unix.Openat(d.fd, ".", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer func() { _ = unix.Close(fd) }()
	if err := unix.Fsync(fd); err != nil && !errors.Is(err, unix.EINVAL) { // some file systems cannot
		return err
	}
	return nil
}
