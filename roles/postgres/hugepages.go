package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

const (
	hugePagesFile = "/etc/sysctl.d/60-pgrun-huge-pages.conf"
	hugePagesLive = "/proc/sys/vm/nr_hugepages"
	hugePageSize  = 2 * megabyte
)

// reserveHugePages sets memory aside for shared_buffers: with pages of 4 kB
// the tables that map it take a few MB for each connection. PostgreSQL takes
// huge pages where there are enough, and starts without them where not. The
// kernel reserves them at boot, before memory is in pieces. It does so at once
// only where PostgreSQL does not run: beside a server that has its memory
// already, they would be taken from it.
func (r *Role) reserveHugePages(ctx context.Context, t *runner.Target, data string) error {
	if t.Facts.Container {
		return nil // it shares its kernel with others
	}
	pages := r.hugePages(t.Facts.Memory)
	if pages == 0 {
		return t.Ensure(ctx, modules.File{Path: hugePagesFile, Absent: true})
	}
	if err := t.Ensure(ctx, modules.File{
		Path: hugePagesFile, Attributes: modules.Attributes{Owner: "root", Group: "root", Mode: 0o644},
		Content: fmt.Sprintf("# Written by pgrun: shared_buffers and 3 %% more, in pages of 2 MB.\nvm.nr_hugepages = %d\n", pages),
	}); err != nil {
		return err
	}
	if _, err := t.Lstat(ctx, data+"/postmaster.pid"); !errors.Is(err, fs.ErrNotExist) {
		return err // it runs, or did until it crashed
	}
	return t.Ensure(ctx, modules.Func{Name: "huge pages", Find: func(ctx context.Context, reader modules.Reader) (*modules.Change, error) {
		return reserve(ctx, reader, pages)
	}})
}

// reserve is the change to more huge pages. The kernel gives as many as it can.
func reserve(ctx context.Context, r modules.Reader, pages int64) (*modules.Change, error) {
	text, err := r.ReadFile(ctx, hugePagesLive, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil // this kernel has none
	}
	if err != nil {
		return nil, err
	}
	live, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if err != nil || live >= pages {
		return nil, err
	}
	return &modules.Change{
		Summary: fmt.Sprintf("%d are reserved, and %d would hold shared_buffers", live, pages),
		Apply: func(ctx context.Context, h modules.Host) error {
			_, err := h.Exec(ctx, modules.Command{Argv: []string{"sysctl", "-q", "-w", fmt.Sprintf("vm.nr_hugepages=%d", pages)}})
			return err
		},
	}, nil
}

// hugePages is how many pages hold shared_buffers and what comes with it; 0
// where they are not worth it, or would leave too little for the rest.
func (r *Role) hugePages(memory int64) int64 {
	set, _ := r.Settings()
	if memory < 8*gigabyte || set["huge_pages"] == "off" {
		return 0
	}
	local := r.Local(Machine{Memory: memory})["shared_buffers"]
	megabytes, err := strconv.ParseInt(strings.TrimSuffix(local, "MB"), 10, 64)
	if err != nil {
		return 0 // the section sets it, in a unit of its own: whoever does that measures
	}
	bytes := megabytes*megabyte*103/100 + 64*megabyte
	if bytes > memory/2 {
		return 0
	}
	return (bytes + hugePageSize - 1) / hugePageSize
}
