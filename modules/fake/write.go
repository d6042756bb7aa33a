package fake

import (
	"context"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"syscall"

	"github.com/pgrun/pgrun/modules"
)

// WriteFile implements modules.Host. A scripted answer to the validation
// command is asked; without one the content is taken as valid.
func (h *Host) WriteFile(_ context.Context, c modules.Content) error {
	if err := h.validate(c); err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	place := h.place(c.Path)
	if folder := h.files[path.Dir(place)]; folder == nil || !folder.mode.IsDir() {
		return pathError("write", c.Path, fs.ErrNotExist)
	}
	f := h.files[place]
	switch {
	case f == nil:
		f = h.fresh(0o644, c.Attributes, "")
	case !f.mode.IsRegular():
		return pathError("write", c.Path, fmt.Errorf("is no regular file (%s)", f.mode))
	}
	f.set(c.Attributes)
	f.data, f.modified = string(c.Data), h.tick()
	h.files[place] = f
	h.record("write %s %s:%s %04o", c.Path, f.owner, f.group, modules.Bits(f.mode))
	h.recordBody(c.Data)
	if len(c.Validate) > 0 {
		h.record("  validated by %s", words(c.Validate))
	}
	h.noticeUnitFile(place)
	return nil
}

func (h *Host) validate(c modules.Content) error {
	if len(c.Validate) == 0 {
		return nil
	}
	argv := make([]string, len(c.Validate))
	temporary := path.Join(path.Dir(c.Path), "."+path.Base(c.Path)+".pgrun-0")
	for i, word := range c.Validate {
		argv[i] = strings.ReplaceAll(word, "{}", temporary)
	}
	h.mu.Lock()
	give := h.find(argv)
	h.mu.Unlock()
	if give == nil {
		return nil
	}
	if _, err := finish(argv, give, modules.Command{Argv: argv, Stdin: c.Data, User: c.ValidateUser}); err != nil {
		return fmt.Errorf("%s is not valid: %w", c.Path, err)
	}
	return nil
}

// MakeDir implements modules.Host.
func (h *Host) MakeDir(_ context.Context, name string, a modules.Attributes) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	place := h.resolve(name)
	f := h.files[place]
	if f == nil {
		h.parents(place)
		f = h.fresh(fs.ModeDir|0o755, a, "")
		h.files[place] = f
	}
	if !f.mode.IsDir() {
		return pathError("mkdir", name, syscall.ENOTDIR)
	}
	f.set(a)
	h.record("mkdir %s %s:%s %04o", name, f.owner, f.group, modules.Bits(f.mode))
	return nil
}

// Link implements modules.Host.
func (h *Host) Link(_ context.Context, name, target string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	place := h.place(name)
	if folder := h.files[path.Dir(place)]; folder == nil || !folder.mode.IsDir() {
		return pathError("symlink", name, fs.ErrNotExist)
	}
	if f := h.files[place]; f != nil && f.mode.IsDir() {
		return pathError("symlink", name, syscall.EISDIR)
	}
	link := h.fresh(fs.ModeSymlink|0o777, modules.Attributes{}, "")
	link.target = target
	h.files[place] = link
	h.record("link %s -> %s", name, target)
	h.noticeUnitFile(place)
	return nil
}

// SetAttributes implements modules.Host.
func (h *Host) SetAttributes(_ context.Context, name string, a modules.Attributes) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	f := h.files[h.place(name)]
	if f == nil {
		return pathError("chmod", name, fs.ErrNotExist)
	}
	f.set(a)
	h.tick()
	h.record("attributes %s %s:%s %04o", name, f.owner, f.group, modules.Bits(f.mode))
	return nil
}

// Remove implements modules.Host.
func (h *Host) Remove(_ context.Context, name string) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	place := h.place(name)
	if h.files[place] == nil {
		return nil
	}
	if h.files[place].mode.IsDir() && len(h.below(place)) > 0 {
		return pathError("remove", name, syscall.ENOTEMPTY)
	}
	delete(h.files, place)
	h.tick()
	h.record("remove %s", name)
	h.noticeUnitFile(place)
	return nil
}
