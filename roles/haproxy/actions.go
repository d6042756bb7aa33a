package haproxy

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// Actions are ready and download, which prepare an upgrade on all balancers at
// once, and restart and upgrade, one balancer at a time.
func (r *Role) Actions() []runner.Action {
	return []runner.Action{
		{Name: "ready", Do: r.ready},
		{Name: "download", Alike: r.onOffer, Do: r.download},
		{Name: "restart", OneByOne: true, Restarts: true, Due: r.restartDue, Gate: r.gate, Do: r.restart},
		{Name: "upgrade", OneByOne: true, Due: r.upgradeDue, Gate: r.gate, Do: r.upgrade},
	}
}

// ready refuses an upgrade while this balancer does not serve.
func (r *Role) ready(ctx context.Context, t *runner.Target) error {
	if err := r.gate(ctx, t.Observer); err != nil {
		return runner.Refuse("HAProxy on %s is not fit for an upgrade: %w; see `systemctl status haproxy` there, or run site.yml to repair it", t.Host.Name, err)
	}
	return nil
}

// gate passes when the writes port leads to exactly one server.
func (r *Role) gate(ctx context.Context, o *runner.Observer) error {
	if err := r.refuseUnknownLeader(ctx, o); err != nil {
		return err
	}
	missing, err := r.withoutWriter(ctx, o)
	if err != nil {
		return err
	}
	if missing != "" && len(o.Group("postgres")) > 0 {
		return errors.New(missing)
	}
	return nil
}

// onOffer is what the balancers compare before an upgrade: all shall get the
// same version. One that the inventory fixes is the operator's word.
func (r *Role) onOffer(ctx context.Context, o *runner.Observer) (map[string]string, error) {
	if r.Version != "" {
		return nil, nil
	}
	return modules.UpstreamCandidates(ctx, o, "haproxy")
}

// download fetches the package, so that the upgrade itself is short.
func (r *Role) download(ctx context.Context, t *runner.Target) error {
	fetch := r.packages(true)
	fetch.Fetch = true
	return t.Ensure(ctx, modules.PackageLists{MaxAge: time.Hour}, fetch)
}

// newer says what a newer package would change.
func (r *Role) newer(ctx context.Context, o modules.Reader) (string, error) {
	change, err := r.packages(true).Check(ctx, o)
	if err != nil || change == nil {
		return "", err
	}
	return change.Summary, nil
}

func (r *Role) restartDue(ctx context.Context, o *runner.Observer) (string, error) {
	_, stale, err := service().Stale(ctx, o)
	if err != nil || len(stale) == 0 {
		return "", err
	}
	return strings.Join(stale, ", ") + " changed since the start", nil
}

func (r *Role) restart(ctx context.Context, t *runner.Target) error {
	why, err := r.restartDue(ctx, t.Observer)
	if err != nil {
		return err
	}
	// Clients behind this balancer connect again at once.
	t.Plan(time.Second, "HAProxy restarts: %s", why)
	return t.Ensure(ctx, modules.Restart{Service: service(), Why: why})
}

// upgradeDue is due as well when the newest version is installed and another
// one runs: an upgrade that was cut short is finished by the next.
func (r *Role) upgradeDue(ctx context.Context, o *runner.Observer) (string, error) {
	why, err := r.newer(ctx, o)
	if err != nil || why != "" {
		return why, err
	}
	why, err = r.otherVersion(ctx, o)
	if err != nil {
		return "", fmt.Errorf("version of the running HAProxy: %w", err)
	}
	return why, nil
}

// upgrade installs the newest version, checks the configuration with it, and
// reloads: the new process takes over the listening sockets of the old one.
func (r *Role) upgrade(ctx context.Context, t *runner.Target) error {
	before, _, err := r.versions(ctx, t)
	if err != nil {
		return err
	}
	err = t.Ensure(ctx, r.packages(true), modules.Run{
		Name:    "the new version takes the configuration",
		Command: modules.Command{Argv: []string{program, "-c", "-f", configPath}},
		Needed:  r.otherVersion,
	})
	if err != nil {
		return err
	}
	if err := r.runInstalled(ctx, t); err != nil || t.Check {
		return err
	}
	after, _, err := r.versions(ctx, t)
	if err != nil {
		return err
	}
	t.Report("HAProxy "+modules.FromTo(before, after), 0)
	return nil
}
