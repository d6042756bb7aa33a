package fake

import (
	"context"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/pgrun/pgrun/modules"
)

type file struct {
	mode         fs.FileMode
	owner, group string
	data         string
	target       string
	modified     time.Time
}

// Put places a file without recording it, with its folders; of several
// attributes the first counts.
func (h *Host) Put(name, content string, a ...modules.Attributes) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.parents(name)
	h.files[path.Clean(name)] = h.fresh(0o644, append(a, modules.Attributes{})[0], content)
}

// PutDir places a folder without recording it.
func (h *Host) PutDir(name string, a modules.Attributes) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.parents(name)
	h.files[path.Clean(name)] = h.fresh(fs.ModeDir|0o755, a, "")
}

// PutLink places a symbolic link without recording it.
func (h *Host) PutLink(name, target string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.parents(name)
	link := h.fresh(fs.ModeSymlink|0o777, modules.Attributes{}, "")
	link.target = target
	h.files[path.Clean(name)] = link
}

// Delete takes a file away without recording it.
func (h *Host) Delete(name string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.files, path.Clean(name))
}

// Content returns a file's content; "" when there is none.
func (h *Host) Content(name string) string {
	h.mu.Lock()
	defer h.mu.Unlock()
	if f := h.files[h.resolve(name)]; f != nil {
		return f.data
	}
	return ""
}

func (h *Host) fresh(mode fs.FileMode, a modules.Attributes, content string) *file {
	f := &file{mode: mode, owner: "root", group: "root", data: content, modified: h.tick()}
	f.set(a)
	return f
}

func (f *file) set(a modules.Attributes) {
	if a.Owner != "" {
		f.owner = a.Owner
	}
	if a.Group != "" {
		f.group = a.Group
	}
	if bits := modules.Bits(a.Mode); bits != 0 {
		f.mode = f.mode.Type() | fs.FileMode(bits&0o777)
		for flag, bit := range map[fs.FileMode]uint32{fs.ModeSetuid: 0o4000, fs.ModeSetgid: 0o2000, fs.ModeSticky: 0o1000} {
			if bits&bit != 0 {
				f.mode |= flag
			}
		}
	}
}

func (h *Host) parents(name string) {
	for folder := path.Dir(path.Clean(name)); h.files[folder] == nil; folder = path.Dir(folder) {
		h.files[folder] = h.fresh(fs.ModeDir|0o755, modules.Attributes{}, "")
	}
}

// resolve follows the links among a path's folders and at its end.
func (h *Host) resolve(name string) string {
	name = path.Clean(name)
	for range 20 {
		folder := h.resolveFolder(name)
		name = path.Join(folder, path.Base(name))
		f := h.files[name]
		if f == nil || f.mode&fs.ModeSymlink == 0 {
			break
		}
		name = absolute(folder, f.target)
	}
	return name
}

func (h *Host) resolveFolder(name string) string {
	folder := path.Dir(name)
	if folder == "/" {
		return folder
	}
	return h.resolve(folder)
}

func absolute(folder, target string) string {
	if path.IsAbs(target) {
		return path.Clean(target)
	}
	return path.Join(folder, target)
}

func pathError(op, name string, err error) error { return &fs.PathError{Op: op, Path: name, Err: err} }

// Lstat implements modules.Reader.
func (h *Host) Lstat(_ context.Context, name string) (*modules.Stat, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f := h.files[h.place(name)]
	if f == nil {
		return nil, pathError("lstat", name, fs.ErrNotExist)
	}
	uid := -1
	if f.owner == "root" {
		uid = 0
	}
	return &modules.Stat{
		Mode: f.mode, Owner: f.owner, Group: f.group, UID: uid, GID: -1, Size: int64(len(h.data(name, f))), ModTime: f.modified, Target: f.target,
	}, nil
}

// place follows links among the folders only.
func (h *Host) place(name string) string {
	name = path.Clean(name)
	return path.Join(h.resolveFolder(name), path.Base(name))
}

func (h *Host) data(name string, f *file) string {
	if path.Clean(name) == "/var/lib/dpkg/status" && f.data == "" {
		return h.status()
	}
	return f.data
}

// ReadFile implements modules.Reader.
func (h *Host) ReadFile(_ context.Context, name string, limit int64) ([]byte, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	f := h.files[h.resolve(name)]
	if f == nil {
		return nil, pathError("open", name, fs.ErrNotExist)
	}
	if f.mode.IsDir() {
		return nil, pathError("read", name, syscall.EISDIR)
	}
	if limit == 0 {
		limit = 1 << 20
	}
	data := h.data(name, f)
	if int64(len(data)) > limit {
		return nil, fmt.Errorf("%s: larger than %d bytes", name, limit)
	}
	return []byte(data), nil
}

// ReadDir implements modules.Reader.
func (h *Host) ReadDir(_ context.Context, name string) ([]string, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	folder := h.resolve(name)
	f := h.files[folder]
	if f == nil {
		return nil, pathError("open", name, fs.ErrNotExist)
	}
	if !f.mode.IsDir() {
		return nil, pathError("readdir", name, syscall.ENOTDIR)
	}
	return h.below(folder), nil
}

func (h *Host) below(folder string) []string {
	names := []string{}
	for other := range maps.Keys(h.files) {
		if other != "/" && path.Dir(other) == folder {
			names = append(names, path.Base(other))
		}
	}
	slices.Sort(names)
	return names
}

// Tree lists all files below a folder, sorted, for assertions about leftovers.
func (h *Host) Tree(folder string) []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var names []string
	for name := range maps.Keys(h.files) {
		if strings.HasPrefix(name, strings.TrimSuffix(folder, "/")+"/") {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
