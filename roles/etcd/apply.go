package etcd

import (
	"context"
	"fmt"

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
