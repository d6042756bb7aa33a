package haproxy

import (
	"context"
	_ "embed"
	"fmt"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

const (
	unit      = "haproxy.service"
	dropInDir = "/etc/systemd/system/haproxy.service.d"
	dropIn    = dropInDir + "/pgrun.conf"
	program   = "/usr/sbin/haproxy"
	statePerl = "/etc/haproxy/save-state"
)

//go:embed drop-in.conf
var dropInText string

// shield keeps HAProxy from what it has no need of. Where a container may not
// mount, a unit that asks for folders of its own does not start.
const shield = `ProtectSystem=full
ProtectHome=yes
PrivateTmp=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectControlGroups=yes
`

func unitDropIn(container bool) string {
	if container {
		return dropInText
	}
	return dropInText + shield
}

// saveState keeps what is known of the servers over a reload.
//
//go:embed save-state.pl
var saveState string

// Apply installs and configures HAProxy and waits until the writes port leads
// to one server.
func (r *Role) Apply(ctx context.Context, t *runner.Target) error {
	if err := refuseForeign(ctx, t); err != nil {
		return err
	}
	content, err := r.page(t.View)
	if err != nil {
		return err
	}
	config := modules.Template{
		Path:       configPath,
		Text:       configText,
		Data:       content,
		Attributes: modules.Attributes{Owner: "root", Group: "haproxy", Mode: 0o640},
		Validate:   []string{program, "-c", "-f", "{}"},
	}
	if change, err := config.Check(ctx, t); err == nil && change != nil {
		if err := refuseMovedPort(ctx, t, content.Servers); err != nil {
			return err
		}
	}
	err = t.Ensure(ctx,
		r.packages(false),
		modules.Directory{Path: dropInDir, Attributes: modules.Root(0o755)},
		modules.File{Path: dropIn, Content: unitDropIn(t.Facts.Container), Attributes: modules.Root(0o644)},
		modules.File{Path: statePerl, Content: saveState, Attributes: modules.Root(0o755)},
		config,
		service(),
		r.answers(),
	)
	if err != nil {
		return err
	}
	if err := r.runInstalled(ctx, t); err != nil {
		return err
	}
	if len(content.Servers) == 0 {
		t.Skip(ctx, oneWriter, "no host in the group postgres")
		return nil
	}
	if err := r.refuseUnknownLeader(ctx, t.Observer); err != nil {
		return err
	}
	return t.Ensure(ctx, r.waitForWriter())
}

func (r *Role) packages(newest bool) modules.Packages {
	p := modules.Packages{Names: []string{"haproxy"}, Hold: true, Latest: newest}
	if r.Version != "" {
		p.Versions = map[string]string{"haproxy": r.Version}
	}
	return p
}

func service() modules.Service {
	return modules.Service{Name: unit, Reload: []string{configPath}, Restart: []string{dropIn}}
}

// runInstalled reloads an HAProxy that runs another version than is
// installed: the reloaded process is the new binary, and no connection is lost.
func (r *Role) runInstalled(ctx context.Context, t *runner.Target) error {
	var running, installed string
	known, err := t.Known(ctx, "running version", func(ctx context.Context) (err error) {
		running, installed, err = r.versions(ctx, t)
		return err
	})
	if !known {
		return err
	}
	return t.Ensure(ctx, modules.Func{
		Name: "run the installed version",
		Find: func(context.Context, modules.Reader) (*modules.Change, error) {
			if running == installed {
				return nil, nil
			}
			return &modules.Change{
				Summary: fmt.Sprintf("%s runs, %s is installed", running, installed),
				Apply: func(ctx context.Context, h modules.Host) error {
					return h.Job(ctx, unit, "reload")
				},
			}, nil
		},
	}, modules.Until{
		Name: "the installed version runs",
		Met: func(ctx context.Context, o modules.Reader) (string, error) {
			return r.otherVersion(ctx, o)
		},
	})
}
