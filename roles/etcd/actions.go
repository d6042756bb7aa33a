package etcd

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// settle bounds how long an action waits for a member to be back.
const settle = 2 * time.Minute

// Actions are members, which looks who they are, ready and download, which
// prepare an upgrade on all members at once, and replace, restart and upgrade, one member at a time.
func (r *Role) Actions() []runner.Action {
	return []runner.Action{
		{Name: "members", Unanimous: true, Do: r.members},
		{Name: "ready", Do: r.ready},
		{Name: "download", Alike: r.onOffer, Do: r.download},
		{Name: "replace", OneByOne: true, Due: r.replaceDue, Gate: r.gateQuorum, Settle: settle, Do: r.replace},
		{Name: "restart", OneByOne: true, Restarts: true, Due: r.restartDue, Rank: r.rank, Gate: r.gateSound, Settle: settle, Do: r.restart},
		{Name: "upgrade", OneByOne: true, Due: r.upgradeDue, Rank: r.rank, Gate: r.gateSound, Settle: settle, Do: r.upgrade},
		{Name: "removable", Takes: departing(), Unanimous: true, Do: r.removable},
		{Name: "remove", Takes: departing(), OneByOne: true, Once: true, Due: r.removeDue, Gate: r.removeGate, Do: r.remove},
		{Name: "leave", Takes: departing(), Unanimous: true, Do: r.leave},
	}
}

// ready refuses an upgrade while the cluster could not spare a member.
func (r *Role) ready(ctx context.Context, t *runner.Target) error {
	if !t.Host.In(Name) {
		return nil
	}
	return r.gateSound(ctx, t.Observer)
}

// onOffer is what the members compare before an upgrade: all shall get the
// same version.
func (r *Role) onOffer(ctx context.Context, o *runner.Observer) (map[string]string, error) {
	return modules.UpstreamCandidates(ctx, o, "etcd-server")
}

// download fetches the packages, so that the upgrade itself is short.
func (r *Role) download(ctx context.Context, t *runner.Target) error {
	if !t.Host.In(Name) {
		return nil
	}
	m, err := newMachine(r, t.View)
	if err != nil {
		return err
	}
	if err := t.Ensure(ctx, modules.PackageLists{MaxAge: time.Hour}); err != nil {
		return err
	}
	if err := m.refuseCandidate(ctx, t.Observer); err != nil {
		return err
	}
	fetch := m.packages(true)
	fetch.Fetch = true
	return t.Ensure(ctx, fetch)
}

// newer says what a newer package would change.
func (m *machine) newer(ctx context.Context, r modules.Reader) (string, error) {
	change, err := m.packages(true).Check(ctx, r)
	if err != nil || change == nil {
		return "", err
	}
	return change.Summary, nil
}

// running returns the machine when the host is a member with data whose
// restart can be due at all.
func (r *Role) running(ctx context.Context, o *runner.Observer) (*machine, error) {
	if !o.Host.In(Name) {
		return nil, nil
	}
	m, err := newMachine(r, o.View)
	if err != nil {
		return nil, err
	}
	data, err := m.hasData(ctx, o)
	if err != nil || !data {
		return nil, err
	}
	return m, nil
}

func (r *Role) restartDue(ctx context.Context, o *runner.Observer) (string, error) {
	m, err := r.running(ctx, o)
	if err != nil || m == nil {
		return "", err
	}
	_, stale, err := m.service().Stale(ctx, o)
	if err != nil || len(stale) == 0 {
		return "", err
	}
	return strings.Join(stale, ", ") + " changed since etcd started", nil
}

func (r *Role) upgradeDue(ctx context.Context, o *runner.Observer) (string, error) {
	m, err := r.running(ctx, o)
	if err != nil || m == nil {
		return "", err
	}
	if why, err := m.newer(ctx, o); err != nil || why != "" {
		return why, err
	}
	return r.restartDue(ctx, o) // an upgrade that was cut short before the restart
}

// rank puts the leader last, so that leadership moves once and to a member
// that is done.
func (r *Role) rank(ctx context.Context, o *runner.Observer) (int, error) {
	m, err := newMachine(r, o.View)
	if err != nil {
		return 0, err
	}
	s, err := gateway{send: o.Get, endpoints: []string{m.me.ClientURL}}.status(ctx)
	if err != nil {
		return 0, fmt.Errorf("whether %s leads etcd: %w", m.me.Name, err)
	}
	if s.leads() {
		return 1, nil
	}
	return 0, nil
}

func (r *Role) restart(ctx context.Context, t *runner.Target) error {
	why, err := r.restartDue(ctx, t.Observer)
	if err != nil || why == "" {
		return err
	}
	m, err := newMachine(r, t.View)
	if err != nil {
		return err
	}
	t.Plan(0, "etcd restarts: %s", why)
	return m.restart(ctx, t, why)
}

func (r *Role) upgrade(ctx context.Context, t *runner.Target) error {
	m, err := newMachine(r, t.View)
	if err != nil {
		return err
	}
	before, err := m.version(ctx, t)
	if err != nil {
		return err
	}
	if err := m.refuseCandidate(ctx, t.Observer); err != nil {
		return err
	}
	if err := t.Ensure(ctx, m.packages(true)); err != nil {
		return err
	}
	if err := r.restart(ctx, t); err != nil || t.Check {
		return err
	}
	after, err := m.version(ctx, t)
	if err != nil {
		return err
	}
	t.Report("etcd "+modules.FromTo(before, after), 0)
	return nil
}

// version is the one that runs here.
func (m *machine) version(ctx context.Context, r modules.Reader) (string, error) {
	s, err := gateway{send: r.Get, endpoints: []string{m.me.ClientURL}}.status(ctx)
	if err != nil {
		return "", fmt.Errorf("version of the running etcd: %w", err)
	}
	return s.Version, nil
}

// restart takes a member down for a moment, never while it leads.
func (m *machine) restart(ctx context.Context, t *runner.Target, why string) error {
	c, err := m.inspect(ctx, t.Get)
	if err != nil {
		return err
	}
	if err := m.refuseInstalled(ctx, t, c); err != nil {
		return err
	}
	return t.Ensure(ctx,
		m.yieldLeadership(),
		modules.Restart{Service: m.service(), Why: why},
		modules.Until{Name: "etcd is back", Met: m.withoutQuorum, Deadline: settle},
	)
}
