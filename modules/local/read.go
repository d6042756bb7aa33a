//go:build linux

package local

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/pgrun/pgrun/modules"
)

// defaultMax is the largest file that ReadFile returns unless told otherwise.
const defaultMax = 1 << 20

// Lstat implements modules.Reader.
func (h *Host) Lstat(ctx context.Context, name string) (*modules.Stat, error) {
	if err := begin(ctx); err != nil {
		return nil, err
	}
	d, base, err := h.place(name)
	if err != nil {
		return nil, err
	}
	defer d.close()
	var raw unix.Stat_t
	if err := unix.Fstatat(d.fd, base, &raw, unix.AT_SYMLINK_NOFOLLOW); err != nil {
		return nil, failed("lstat", name, err)
	}
	stat := &modules.Stat{
		Mode: fileMode(raw.Mode), Owner: h.names.user(raw.Uid), Group: h.names.group(raw.Gid),
		UID: int(raw.Uid), GID: int(raw.Gid), Size: raw.Size, ModTime: time.Unix(raw.Mtim.Unix()),
	}
	if stat.Mode&fs.ModeSymlink != 0 {
		if stat.Target, err = readlink(d.fd, base); err != nil {
			return nil, failed("readlink", name, err)
		}
	}
	return stat, nil
}

func fileMode(bits uint32) fs.FileMode {
	mode := fs.FileMode(bits & 0o777)
	for flag, bit := range map[fs.FileMode]uint32{
		fs.ModeSetuid: unix.S_ISUID, fs.ModeSetgid: unix.S_ISGID, fs.ModeSticky: unix.S_ISVTX,
	} {
		if bits&bit != 0 {
			mode |= flag
		}
	}
	switch bits & unix.S_IFMT {
	case unix.S_IFDIR:
		mode |= fs.ModeDir
	case unix.S_IFLNK:
		mode |= fs.ModeSymlink
	case unix.S_IFIFO:
		mode |= fs.ModeNamedPipe
	case unix.S_IFSOCK:
		mode |= fs.ModeSocket
	case unix.S_IFBLK:
		mode |= fs.ModeDevice
	case unix.S_IFCHR:
		mode |= fs.ModeDevice | fs.ModeCharDevice
	}
	return mode
}

// ReadFile implements modules.Reader. A link at the end is followed only in a
// folder that nobody else can write.
func (h *Host) ReadFile(ctx context.Context, name string, limit int64) ([]byte, error) {
	if err := begin(ctx); err != nil {
		return nil, err
	}
	if limit == 0 {
		limit = defaultMax
	}
	file, err := h.openFile(name, 0)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	info, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if info.IsDir() {
		return nil, failed("read", name, unix.EISDIR)
	}
	if !info.Mode().IsRegular() {
		return nil, failed("read", name, fmt.Errorf("is no regular file (%s)", info.Mode()))
	}
	data, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return nil, failed("read", name, errors.Unwrap(err))
	}
	if int64(len(data)) > limit {
		return nil, failed("read", name, fmt.Errorf("is larger than %d bytes", limit))
	}
	return data, nil
}

func (h *Host) openFile(name string, links int) (*os.File, error) {
	if links > maxLinks {
		return nil, failed("open", name, unix.ELOOP)
	}
	d, base, err := h.place(name)
	if err != nil {
		return nil, err
	}
	defer d.close()
	// O_NONBLOCK: a pipe that nobody writes to must not hang the run.
	fd, err := unix.Openat(d.fd, base, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if errors.Is(err, unix.ELOOP) {
		target, err := d.follow(base)
		if err != nil {
			return nil, err
		}
		return h.openFile(target, links+1)
	}
	if err != nil {
		return nil, failed("open", name, err)
	}
	return os.NewFile(uintptr(fd), path.Join(d.path, base)), nil
}

// ReadDir implements modules.Reader.
func (h *Host) ReadDir(ctx context.Context, name string) ([]string, error) {
	if err := begin(ctx); err != nil {
		return nil, err
	}
	d, err := h.open(name)
	if err != nil {
		return nil, err
	}
	defer d.close()
	names, err := d.list()
	if err != nil {
		return nil, failed("readdir", name, err)
	}
	return names, nil
}

// list returns the sorted names in a folder.
func (d folder) list() ([]string, error) {
	fd, err := unix.Openat(d.fd, ".", unix.O_RDONLY|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	file := os.NewFile(uintptr(fd), d.path)
	defer file.Close()
	names, err := file.Readdirnames(-1)
	if err != nil {
		return nil, errors.Unwrap(err)
	}
	slices.Sort(names)
	return names, nil
}
