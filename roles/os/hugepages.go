package os

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

const (
	hugePagesUnit    = "pgrun-transparent-huge-pages.service"
	hugePagesSetting = "/sys/kernel/mm/transparent_hugepage/enabled"
)

// applyHugePages sets transparent huge pages at boot and now. The kernel has
// no sysctl for it, so a oneshot unit writes it before services start.
func (r *Role) applyHugePages(ctx context.Context, t *runner.Target) error {
	const path = "/etc/systemd/system/" + hugePagesUnit
	if r.TransparentHugePages == "leave" || !t.Host.In("postgres") {
		// Of an earlier choice; what is live stays until the next boot.
		return t.Ensure(ctx, modules.Service{Name: hugePagesUnit, Stopped: true, Disabled: true})
	}
	if t.Facts.Container {
		t.Skip(ctx, "transparent huge pages", "a container shares its kernel with others")
		return nil
	}
	_, err := t.Lstat(ctx, hugePagesSetting)
	if errors.Is(err, fs.ErrNotExist) {
		t.Skip(ctx, "transparent huge pages", "this kernel has none")
		return nil
	}
	if err != nil {
		return err
	}
	return t.Ensure(ctx,
		modules.File{Path: path, Content: hugePages(r.TransparentHugePages), Attributes: modules.Root(0o644)},
		modules.Service{Name: hugePagesUnit, Restart: []string{path}, RestartAtOnce: true},
	)
}

func hugePages(value string) string {
	return fmt.Sprintf(`[Unit]
Description=Transparent huge pages: %[1]s
DefaultDependencies=no
After=sysinit.target local-fs.target
Before=basic.target
ConditionPathExists=/sys/kernel/mm/transparent_hugepage/enabled

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh -c 'echo %[1]s > /sys/kernel/mm/transparent_hugepage/enabled; echo %[1]s > /sys/kernel/mm/transparent_hugepage/defrag'

[Install]
WantedBy=basic.target
`, value)
}
