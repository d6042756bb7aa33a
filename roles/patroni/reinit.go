package patroni

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// reinitDue is for the one host that the operator names.
func (r *Role) reinitDue(_ context.Context, o *runner.Observer) (string, error) {
	name := o.Given["host"]
	switch {
	case slices.Contains(o.LeftOut, name):
		return "", runner.Refuse("%s is to be copied anew, and --limit leaves it out of this run", name)
	case name != o.Host.Name:
		return "", nil
	}
	return "asked for", nil
}

// reinitable refuses to throw away the data of a leader, or of anyone while
// there is no leader to copy from.
func (r *Role) reinitable(ctx context.Context, o *runner.Observer) error {
	v := look(ctx, o, o.Group("postgres"))
	delete(v.Nodes, o.Host.Name) // which may be in any state
	name, refused := r.gate(o.View).leader(v)
	c, err := state(ctx, o, o.Host)
	switch {
	case err != nil:
		return err
	case c.leader() == o.Host.Name:
		return runner.Refuse("%s leads: its data is the cluster's, and is not thrown away; switch over first", o.Host.Name)
	case refused != "":
		return runner.Refuse("%s", refused)
	case v.Clusters[name].Pause:
		return runner.Refuse("Patroni is paused: find out who did it and why, then run resume.yml")
	}
	return nil
}

// reinit lets Patroni copy the leader's data in place of this replica's. A copy
// of a big database takes longer than anyone waits: it goes on by itself.
func (r *Role) reinit(ctx context.Context, t *runner.Target) error {
	t.Plan(0, "its data is thrown away and copied from the leader")
	before, err := me(ctx, t.Observer)
	if err != nil {
		return err
	}
	if before.State == creatingReplica {
		t.Skip(ctx, copyStep, "it is being copied already: another request would begin anew")
	} else if err := t.Ensure(ctx, r.copyFromLeader(t)); err != nil || t.Check {
		return err
	}
	begin, copying := time.Now(), false
	err = t.Ensure(ctx, modules.Until{Name: "this host is a member again", Met: func(ctx context.Context, reader modules.Reader) (string, error) {
		var n nodeState
		if err := get(ctx, reader, t.Host, "/patroni", &n); err == nil && n.Started == before.Started && n.Started != "" {
			return "the copy has not begun", nil
		}
		missing, now, err := membership(ctx, reader, t.View)
		copying = now && time.Since(begin) > t.Patience*3/4
		if copying {
			return "", nil
		}
		return missing, err
	}})
	if copying {
		t.Skip(ctx, "replica streams", "it still copies the data from the leader; `patronictl list` shows when it is done")
	}
	return err
}

const (
	copyStep = "copy the data from the leader"
	// creatingReplica is Patroni's word for a member whose data is being copied.
	creatingReplica = "creating replica"
)

func (r *Role) copyFromLeader(t *runner.Target) modules.Module {
	return modules.Func{Name: copyStep, Find: func(context.Context, modules.Reader) (*modules.Change, error) {
		return &modules.Change{Summary: "asked for", Apply: func(ctx context.Context, h modules.Host) error {
			response, err := r.call(ctx, h, t.Host, "POST", "/reinitialize", map[string]any{"force": true}, restartDeadline)
			if err == nil && response.Status != statusOK && response.Status != statusAccepted {
				err = answered(fmt.Sprintf("reinitializing %s", t.Host.Name), response)
			}
			return err
		}, Deadline: restartDeadline}, nil
	}}
}
