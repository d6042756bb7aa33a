package patroni

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// A switchover that Patroni finds impossible for the moment (412: the
// candidate lags, or is not in sync yet) is asked for again.
const (
	switchoverTries = 5
	switchoverPause = 3 * time.Second
	// Patroni answers when the new leader is there, or after this long.
	switchoverDeadline = 90 * time.Second
)

func (r *Role) switchoverDue(ctx context.Context, o *runner.Observer) (string, error) {
	c, err := state(ctx, o, o.Host)
	if err != nil {
		return "", err
	}
	leader := c.leader()
	switch {
	case leader != "" && leader == o.Given["to"]:
		return "", nil
	case leader == o.Host.Name:
		return "it leads", nil
	case leader == "":
		return "", runner.Refuse("there is no leader that could hand over: see `patronictl list`")
	case slices.Contains(o.LeftOut, leader):
		return "", runner.Refuse("%s leads, and only the leader hands over; this run leaves it out (--limit)", leader)
	}
	return "", nil
}

// handOver is the action: this host leads, and another shall.
func (r *Role) handOver(ctx context.Context, t *runner.Target) error {
	u := r.turn(t)
	if err := r.switchover(ctx, t, u, successor{named: t.Given["to"]}); err != nil {
		return err
	}
	if successor := u.successor; successor != "" {
		t.Plan(r.expectedOutage(ctx, t.Observer, u.kind()), "switchover to %s", successor)
		if err := t.Ensure(ctx, remember(t.View, u)); err != nil {
			return err
		}
		u.successor = ""
		u.report(t, "handed over to "+successor)
	}
	return nil
}

// switchover makes the best of the suitable replicas the leader and waits
// until this host streams from it.
func (r *Role) switchover(ctx context.Context, t *runner.Target, u *turn, who successor) error {
	var candidate string
	var timeline int
	if err := t.Ensure(ctx, u.watched(modules.Func{Name: "switchover", Find: func(ctx context.Context, reader modules.Reader) (*modules.Change, error) {
		v := look(ctx, reader, t.Group("postgres"))
		c, ok := v.Clusters[t.Host.Name]
		if !ok {
			return nil, v.Silent[t.Host.Name]
		}
		if c.leader() != t.Host.Name {
			return nil, nil // someone was faster
		}
		leader, _ := c.member(t.Host.Name)
		timeline = leader.Timeline
		var err error
		if candidate, err = who.choose(c, v); err != nil {
			return nil, err
		}
		return &modules.Change{
			Summary: "from " + t.Host.Name + " to " + candidate + who.warning(candidate, v), Deadline: 5 * time.Minute,
			Before: []byte("leader: " + t.Host.Name + "\n"), After: []byte("leader: " + candidate + "\n"),
			Apply: func(ctx context.Context, h modules.Host) error { return r.sendSwitchover(ctx, h, t.Host, candidate) },
		}, nil
	}})); err != nil || candidate == "" {
		return err
	}
	u.successor = candidate
	if t.Check {
		return nil
	}
	return t.Ensure(ctx, modules.Until{Name: "the new leader leads and this host follows", Deadline: settle,
		Met: func(ctx context.Context, reader modules.Reader) (string, error) {
			return followed(look(ctx, reader, t.Group("postgres")), t.Host.Name, timeline), nil
		}})
}

func (r *Role) sendSwitchover(ctx context.Context, h modules.Host, p runner.Peer, candidate string) error {
	body := map[string]string{"leader": p.Name, "candidate": candidate}
	var response *modules.Response
	for range switchoverTries {
		var err error
		if response, err = r.call(ctx, h, p, "POST", "/switchover", body, switchoverDeadline); err != nil {
			return err
		}
		if response.Status == statusOK {
			return nil
		}
		// Whatever the answer was: what counts is who leads.
		if c, err := state(ctx, h, p); err == nil && c.leader() == candidate {
			return nil
		}
		if response.Status != statusPreconditionFailed && response.Status != statusUnavailable {
			break
		}
		if err := pause(ctx, switchoverPause); err != nil {
			return err
		}
	}
	return answered(fmt.Sprintf("switchover from %s to %s", p.Name, candidate), response)
}

// followed says what is missing until the former leader follows another on a
// later timeline.
func followed(v view, former string, timeline int) string {
	c, ok := v.Clusters[former]
	if !ok {
		return v.Silent[former].Error()
	}
	name := c.leader()
	if name == "" || name == former {
		return "no other leads yet"
	}
	leader, _ := c.member(name)
	m, _ := c.member(former)
	switch {
	case leader.State != "running" || !v.Nodes[name].primary():
		return name + " is not up as the leader yet"
	case leader.Timeline <= timeline:
		return fmt.Sprintf("%s is still on timeline %d", name, leader.Timeline)
	case !m.streams(v.senders()) || m.Timeline != leader.Timeline:
		return former + " is " + m.State + " and does not stream on the new timeline yet"
	}
	return ""
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-timer.C:
		return nil
	}
}
