package etcd

import (
	"context"
	"fmt"
	"time"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

func (m *machine) apply(ctx context.Context, t *runner.Target) error {
	if err := t.Ensure(ctx, m.packages(false)); err != nil {
		return err
	}
	if err := refuseOldVersion(ctx, t); err != nil {
		return err
	}
	if err := m.ensureFolders(ctx, t); err != nil {
		return err
	}
	data, err := m.hasData(ctx, t)
	if err != nil {
		return err
	}
	if data {
		if err := m.refuseWrongData(ctx, t); err != nil {
			return err
		}
		begin, err := m.keptBeginning(ctx, t)
		if err != nil {
			return err
		}
		return m.run(ctx, t, begin)
	}
	if err := m.refuseOtherData(ctx, t); err != nil {
		return err
	}
	decision, err := m.decideStart(ctx, t)
	if err != nil {
		return err
	}
	switch decision.Verdict {
	case Replace:
		t.Skip(ctx, "start etcd", decision.Why+": the action replace brings it in")
		return nil
	case Join:
		return m.start(ctx, t, beginning{Cluster: initialCluster(decision.Members), State: stateExisting})
	default:
		return m.start(ctx, t, beginning{Cluster: initialCluster(decision.Members), State: stateNew})
	}
}

// refuseOldVersion refuses what has neither learners nor the JSON gateway under
// /v3: Ubuntu 22.04's own etcd is 3.3.
func refuseOldVersion(ctx context.Context, t *runner.Target) error {
	version, err := modules.InstalledVersion(ctx, t, "etcd-server")
	if err != nil || !tooOld(version) {
		return err
	}
	return runner.Refuse("etcd %s is too old, pgrun needs 3.4 or later: let apt_repo offer another, as PGDG does", version)
}

func tooOld(version string) bool {
	var major, minor int
	if n, _ := fmt.Sscanf(version, "%d.%d", &major, &minor); n != 2 {
		return false // not installed yet, or numbered otherwise
	}
	return major < 3 || major == 3 && minor < 4
}

func (m *machine) ensureFolders(ctx context.Context, t *runner.Target) error {
	own := modules.Attributes{Owner: "etcd", Group: "etcd", Mode: 0o700}
	folders := []modules.Module{
		modules.Directory{Path: "/etc/etcd"},
		modules.Directory{Path: dropInDir},
		modules.Directory{Path: markerDir},
		modules.Directory{Path: runDir},
	}
	if m.DataDir == "" {
		folders = append(folders, modules.Directory{Path: "/var/lib/etcd", Attributes: own})
	}
	return t.Ensure(ctx, append(folders, modules.Directory{Path: m.data, Attributes: own})...)
}

// refuseOtherData keeps hands off an etcd that runs with other data than ours.
func (m *machine) refuseOtherData(ctx context.Context, t *runner.Target) error {
	u, err := t.Unit(ctx, unit)
	if err != nil {
		return err
	}
	if u.ActiveState != "active" {
		return nil
	}
	return runner.Refuse("etcd runs on %s, but not with the data in %s: an etcd that pgrun did not set up, or data that was removed under it. If nobody needs it, run `systemctl disable --now etcd` there and pgrun again, which brings it in anew; else set etcd.data_dir to where its data is", m.me.Name, m.data)
}

// decideStart asks the other members until it is clear how to begin.
func (m *machine) decideStart(ctx context.Context, t *runner.Target) (Decision, error) {
	marker, err := m.readMarker(ctx, t)
	if err != nil {
		return Decision{}, err
	}
	talk := meeting{machine: m, known: marker.ClusterID, patience: t.Patience}
	if t.Check {
		decision := talk.look(ctx, t.Get, false)
		if decision.Verdict == Wait {
			t.Skip(ctx, talk.name(), "not yet: "+decision.Why)
			return Decision{Verdict: Found, Members: m.members}, nil
		}
		return decision, refusedBy(decision)
	}
	if err := t.Ensure(ctx, talk.module()); err != nil {
		return Decision{}, err
	}
	return talk.decision, refusedBy(talk.decision)
}

func refusedBy(d Decision) error {
	if d.Verdict != Refuse {
		return nil
	}
	return runner.Refuse("etcd: %s", d.Why)
}

// start lets a member without data begin, this once.
func (m *machine) start(ctx context.Context, t *runner.Target, begin beginning) error {
	err := t.Ensure(ctx, modules.File{Path: m.permission(), Content: startText})
	if err != nil {
		return err
	}
	return m.run(ctx, t, begin)
}

// run configures and starts the member, waits for a quorum, and records it.
func (m *machine) run(ctx context.Context, t *runner.Target, begin beginning) error {
	err := t.Ensure(ctx,
		m.config(begin),
		m.unitDropIn(),
		m.service(),
		modules.Until{Name: "etcd has a quorum", Met: m.withoutQuorum},
	)
	if err != nil {
		return err
	}
	return m.record(ctx, t)
}

// withoutQuorum says what this member still misses.
func (m *machine) withoutQuorum(ctx context.Context, r modules.Reader) (string, error) {
	ok, why := healthy(ctx, r.Get, m.me.ClientURL)
	if ok {
		return m.withoutData(ctx, r)
	}
	u, err := r.Unit(ctx, unit)
	if err != nil {
		return "", err
	}
	missing := fmt.Sprintf("%s is %s (%s): %s", unit, u.ActiveState, u.SubState, why)
	for name, e := range lookAtAll(ctx, r.Get, m.view.Cluster, m.others()) {
		if e.Sight == Healthy && m.isLearner(e.Listed) {
			return "", nil // the action replace promotes it when it has caught up
		}
		missing += "; " + name + " " + e.String()
	}
	return missing, nil
}

// withoutData catches an etcd that serves with another configuration.
func (m *machine) withoutData(ctx context.Context, r modules.Reader) (string, error) {
	data, err := m.hasData(ctx, r)
	if err != nil || data {
		return "", err
	}
	return fmt.Sprintf("etcd serves, but not with the data in %s: it was started without %s", m.data, dropIn), nil
}

// record keeps which cluster this host is a member of, so that lost data is
// never taken for a first start.
func (m *machine) record(ctx context.Context, t *runner.Target) error {
	var mark marker
	known, err := t.Known(ctx, "which etcd cluster this is", func(ctx context.Context) error {
		s, err := gateway{send: t.Get, endpoints: []string{m.me.ClientURL}}.status(ctx)
		mark = marker{ClusterID: clusterID(s.Header.ClusterID), Member: m.me.Name}
		return err
	})
	if err != nil || !known {
		return err
	}
	if err := m.refuseOtherRecord(ctx, t, mark.ClusterID); err != nil {
		return err
	}
	return t.Ensure(ctx,
		modules.File{Path: m.marker(), Content: mark.text()},
		modules.File{Path: m.permission(), Absent: true},
	)
}

// settle bounds how long an action waits for a member to be back.
const settle = 2 * time.Minute
