package patroni

import (
	"context"
	"fmt"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// paused is the Due of pause and resume: whether the cluster is in the state
// that is to be left.
func paused(is bool) func(context.Context, *runner.Observer) (string, error) {
	return func(ctx context.Context, o *runner.Observer) (string, error) {
		c, err := state(ctx, o, o.Host)
		switch {
		case err != nil || c.Pause != is:
			return "", err
		case is:
			return "Patroni is paused", nil
		}
		return "Patroni is not paused", nil
	}
}

// setPause pauses Patroni, or lets it go on, and waits until every member knows.
func (r *Role) setPause(wanted bool) func(context.Context, *runner.Target) error {
	verb, until := "resume Patroni", "every member goes on"
	if wanted {
		verb, until = "pause Patroni", "every member has paused"
	}
	return func(ctx context.Context, t *runner.Target) error {
		return t.Ensure(ctx, modules.Func{Name: verb, Find: func(ctx context.Context, reader modules.Reader) (*modules.Change, error) {
			c, err := state(ctx, reader, t.Host)
			if err != nil || c.Pause == wanted {
				return nil, err
			}
			return &modules.Change{
				Summary: "for all members",
				Before:  fmt.Appendf(nil, "pause: %v\n", c.Pause), After: fmt.Appendf(nil, "pause: %v\n", wanted),
				Apply: func(ctx context.Context, h modules.Host) error {
					response, err := r.call(ctx, h, t.Host, "PATCH", "/config", map[string]any{"pause": wanted}, 2*restDeadline)
					if err == nil && response.Status != statusOK {
						err = answered(verb, response)
					}
					return err
				},
			}, nil
		}}, modules.Until{Name: until, Met: func(ctx context.Context, reader modules.Reader) (string, error) {
			v := look(ctx, reader, t.Group("postgres"))
			for _, name := range sortedNames(v.Nodes) {
				if v.Nodes[name].Pause != wanted {
					return name + " has not read it yet", nil
				}
			}
			return "", nil
		}})
	}
}

// resumable refuses to wake Patroni while it would at once fail over.
func (r *Role) resumable(ctx context.Context, o *runner.Observer) error {
	v := look(ctx, o, o.Group("postgres"))
	name, refused := r.gate(o.View).leader(v)
	switch {
	case refused != "":
		return runner.Refuse("%s; Patroni would fail over as soon as it goes on: start the leader first, or `patronictl resume` if that is what you want", refused)
	case v.Nodes[name].State != "running":
		return runner.Refuse("the leader %s is %s, and Patroni would fail over as soon as it goes on: start it first, or `patronictl resume` if that is what you want", name, v.Nodes[name].State)
	}
	return nil
}
