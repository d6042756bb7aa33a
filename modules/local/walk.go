//go:build linux

package local

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

// maxLinks is how many symbolic links a path may lead through, as in Linux.
const maxLinks = 40

// folder is an open folder, reached without trusting anybody else: where
// another user could have made a symbolic link, none is followed.
type folder struct {
	fd   int // O_PATH
	path string
	safe bool // only root, or who runs this, can make names in it
}

func (d folder) close() { _ = unix.Close(d.fd) }

// open opens a folder, component by component.
func (h *Host) open(name string) (folder, error) { return h.descend(name, 0) }

func (h *Host) descend(name string, links int) (folder, error) {
	if !path.IsAbs(name) || strings.ContainsRune(name, 0) {
		return folder{}, failed("open", name, errors.New("is no absolute path"))
	}
	if links > maxLinks {
		return folder{}, failed("open", name, unix.ELOOP)
	}
	fd, err := unix.Open(h.root, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return folder{}, failed("open", h.root, err)
	}
	d := folder{fd: fd, path: "/", safe: true}
	parts := strings.FieldsFunc(path.Clean(name), func(r rune) bool { return r == '/' })
	for i, part := range parts {
		next, err := d.enter(part)
		if errors.Is(err, unix.ENOTDIR) || errors.Is(err, unix.ELOOP) {
			target, linkErr := d.follow(part)
			d.close()
			if linkErr != nil {
				return folder{}, linkErr
			}
			return h.descend(path.Join(append([]string{target}, parts[i+1:]...)...), links+1)
		}
		d.close()
		if err != nil {
			return folder{}, failed("open", path.Join(d.path, part), err)
		}
		d = next
	}
	return d, nil
}

func (d folder) enter(part string) (folder, error) {
	fd, err := unix.Openat(d.fd, part, unix.O_PATH|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return folder{}, err
	}
	var stat unix.Stat_t
	if err := unix.Fstat(fd, &stat); err != nil {
		_ = unix.Close(fd)
		return folder{}, err
	}
	ours := stat.Uid == 0 || int(stat.Uid) == os.Geteuid()
	return folder{
		fd: fd, path: path.Join(d.path, part),
		safe: d.safe && ours && stat.Mode&0o022 == 0,
	}, nil
}

// follow returns where a link in the folder leads, if it may be followed.
func (d folder) follow(part string) (string, error) {
	name := path.Join(d.path, part)
	target, err := readlink(d.fd, part)
	if errors.Is(err, unix.EINVAL) {
		return "", failed("open", name, unix.ENOTDIR)
	}
	if err != nil {
		return "", failed("open", name, err)
	}
	if !d.safe {
		return "", failed("open", name, fmt.Errorf("is a symbolic link to %s in a folder that other users can write: not followed", target))
	}
	if !path.IsAbs(target) {
		target = path.Join(d.path, target)
	}
	return target, nil
}

// place opens the folder of a path and returns the last name in it.
func (h *Host) place(name string) (folder, string, error) {
	name = path.Clean(name)
	if name == "/" {
		d, err := h.open("/")
		return d, ".", err
	}
	d, err := h.open(path.Dir(name))
	return d, path.Base(name), err
}

func readlink(fd int, name string) (string, error) {
	buffer := make([]byte, unix.PathMax)
	n, err := unix.Readlinkat(fd, name, buffer)
	if err != nil {
		return "", err
	}
	return string(buffer[:n]), nil
}

func failed(op, name string, err error) error { return &fs.PathError{Op: op, Path: name, Err: err} }
