package etcd

import (
	"context"

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
	if err := m.refuseOtherName(ctx, t); err != nil {
		return err
	}
	if err := m.ensureFolders(ctx, t); err != nil {
		return err
	}
	data, err := m.settled(ctx, t)
	if err != nil {
		return err
	}
	if data {
		return m.resume(ctx, t)
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

func (m *machine) ensureFolders(ctx context.Context, t *runner.Target) error {
	switch why, err := modules.Unmounted(ctx, t, m.data); {
	case err != nil:
		return err
	case why != "":
		return runner.Refuse("%s", why)
	}
	if err := m.refuseToTake(ctx, t); err != nil {
		return err
	}
	own := modules.Attributes{Owner: "etcd", Group: "etcd", Mode: 0o700}
	folders := []modules.Module{
		modules.Directory{Path: "/etc/etcd", Attributes: modules.Root(0o755)},
		modules.Directory{Path: dropInDir, Attributes: modules.Root(0o755)},
		modules.Directory{Path: markerDir, Attributes: modules.Root(0o755)},
		modules.Directory{Path: runDir, Attributes: modules.Root(0o755)},
	}
	if m.DataDir == "" {
		folders = append(folders, modules.Directory{Path: "/var/lib/etcd", Attributes: own})
	}
	return t.Ensure(ctx, append(folders, modules.Directory{Path: m.data, Attributes: own})...)
}

// refuseToTake gives no folder to etcd that holds what is somebody else's.
func (m *machine) refuseToTake(ctx context.Context, t *runner.Target) error {
	data, err := m.hasData(ctx, t)
	if err != nil || data {
		return err
	}
	owner, err := modules.SomebodyElses(ctx, t, m.data, "etcd", "member")
	if err != nil || owner == "" {
		return err
	}
	return runner.Refuse("etcd: %s on %s belongs to %s and is not empty, so it is not given to etcd: set etcd.data_dir to a folder for the data alone", m.data, m.me.Name, owner)
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
