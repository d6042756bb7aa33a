package etcd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// resume runs a member that has data, and touches nothing of that.
func (m *machine) resume(ctx context.Context, t *runner.Target) error {
	if err := m.refuseWrongData(ctx, t); err != nil {
		return err
	}
	begin, err := m.keptBeginning(ctx, t)
	if err != nil {
		return err
	}
	err = t.Ensure(ctx, modules.File{Path: m.permission(), Absent: true}, m.config(begin), m.unitDropIn(t.Facts.Container), m.service())
	if err != nil {
		return err
	}
	return m.await(ctx, t)
}

// start lets a member without data begin, this once, and waits for a quorum.
func (m *machine) start(ctx context.Context, t *runner.Target, begin beginning) error {
	if err := m.begin(ctx, t, begin); err != nil {
		return err
	}
	return m.await(ctx, t)
}

// begin lets etcd start without data until it has some: data that is lost
// later is not to be made up for by a new beginning.
func (m *machine) begin(ctx context.Context, t *runner.Target, begin beginning) error {
	return t.Ensure(ctx,
		modules.File{Path: m.permission(), Content: startText, Attributes: modules.Root(0o644)},
		m.config(begin),
		m.unitDropIn(t.Facts.Container),
		m.service(),
		modules.Until{Name: "etcd has begun", Met: m.withoutBeginning},
		modules.File{Path: m.permission(), Absent: true},
	)
}

func (m *machine) withoutBeginning(ctx context.Context, r modules.Reader) (string, error) {
	data, err := m.hasData(ctx, r)
	if err != nil || data {
		return "", err
	}
	u, err := r.Unit(ctx, unit)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("%s is %s (%s) and has no data in %s: see `journalctl -u etcd` on %s, and whether another drop-in overrules %s", unit, u.ActiveState, u.SubState, m.data, m.me.Name, dropIn), nil
}

// settled says whether there is data, once nothing is under way that could
// change that.
func (m *machine) settled(ctx context.Context, t *runner.Target) (data bool, err error) {
	if data, err = m.hasData(ctx, t); err != nil || data {
		return data, err
	}
	_, err = t.Lstat(ctx, m.permission())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, m.refuseOtherData(ctx, t)
	case err != nil:
		return false, err
	}
	// A run that was cut short let etcd start. Who asks the others again, or
	// tells them that it has no data, must not have one that may yet begin.
	err = t.Ensure(ctx, modules.File{Path: m.permission(), Absent: true}, modules.Service{Name: unit, Stopped: true})
	if err != nil {
		return false, err
	}
	return m.hasData(ctx, t)
}

// refuseOtherData keeps hands off an etcd that runs with other data than ours.
func (m *machine) refuseOtherData(ctx context.Context, t *runner.Target) error {
	u, err := t.Unit(ctx, unit)
	if err != nil {
		return err
	}
	if !runs(u) {
		return nil
	}
	return runner.Refuse("etcd runs on %s, but not with the data in %s: an etcd that pgrun did not set up, or data that was removed under it. If nobody needs it, run `systemctl disable --now etcd` there and pgrun again, which brings it in anew; else set etcd.data_dir to where its data is", m.me.Name, m.data)
}
