package etcd

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// The turn is a lease: what it holds vanishes soon after its holder does.
const (
	turnTTL       = 60 * time.Second
	turnRenew     = 15 * time.Second
	turnLost      = 45 * time.Second // without a renewal; less than the TTL
	turnPatience  = 30 * time.Minute
	turnPoll      = time.Second
	turnHeadStart = 2 * time.Second // for lower ranks that come at the same moment
)

// turn is a host's place in the queue, and then the turn itself.
type turn struct {
	gateway
	cluster string
	host    string
	what    string
	rank    int
	lease   string
	granted time.Time
	renewal time.Duration // between renewals
	retry   time.Duration // after one that failed
	lost    time.Duration // without a renewal the turn is given up
}

func newTurn(g gateway, cluster, host, what string, rank int) *turn {
	return &turn{gateway: g, cluster: cluster, host: host, what: what, rank: rank, renewal: turnRenew, retry: turnPoll, lost: turnLost}
}

// holder is the value of the turn's key.
type holder struct {
	Host string `json:"host"`
	What string `json:"what"`
}

// TakeTurn waits until this host holds the cluster's turn.
func (r *Role) TakeTurn(ctx context.Context, t *runner.Target, h modules.Host, what string, rank int) (context.Context, func(), error) {
	endpoints := turnEndpoints(t.View)
	if len(endpoints) == 0 {
		return nil, nil, runner.Refuse("the turn of cluster %s: it has no hosts in group etcd, which keeps hosts from acting at the same time", t.Cluster)
	}
	u := newTurn(gateway{send: h.Send, endpoints: endpoints}, t.Cluster, t.Host.Name, what, rank)
	if err := u.grant(ctx); err != nil {
		return nil, nil, runner.Refuse("the turn of cluster %s: etcd does not answer, and without it hosts might act at the same time: %w", t.Cluster, err)
	}
	held, lose := context.WithCancelCause(ctx)
	kept := make(chan struct{})
	go func() {
		defer close(kept)
		u.keep(held, lose)
	}()
	release := func() {
		lose(context.Canceled)
		<-kept
		u.revoke(context.WithoutCancel(ctx))
	}
	if err := u.wait(held, t); err != nil {
		release()
		return nil, nil, err
	}
	return held, release, nil
}

// turnEndpoints asks the host's own member first.
func turnEndpoints(v *runner.View) []string {
	var own, others []string
	for _, m := range membersOf(v) {
		switch {
		case m.ClientURL == "":
		case m.Name == v.Host.Name:
			own = append(own, m.ClientURL)
		default:
			others = append(others, m.ClientURL)
		}
	}
	return append(own, others...)
}

func (u *turn) grant(ctx context.Context) error {
	began := time.Now()
	in := map[string]string{"TTL": strconv.Itoa(int(turnTTL.Seconds()))}
	var out struct{ ID string }
	if err := u.call(ctx, "/v3/lease/grant", in, &out); err != nil {
		return err
	}
	u.lease, u.granted = out.ID, began
	return nil
}

// keep renews the lease until the context ends, and ends it when the lease is
// lost: whoever acts must know before another can begin.
func (u *turn) keep(ctx context.Context, lose context.CancelCauseFunc) {
	last := u.granted
	for wait := u.renewal; pause(ctx, wait) == nil; {
		began := time.Now() // etcd counts from a moment between this and its answer
		gone, err := u.renew(ctx)
		switch {
		case gone:
			lose(fmt.Errorf("the turn of cluster %s was lost: its lease ran out", u.cluster))
			return
		case err == nil:
			last, wait = began, u.renewal
		case time.Since(last) > u.lost-u.retry:
			lose(fmt.Errorf("the turn of cluster %s was lost: its lease could not be renewed for %s: %w", u.cluster, u.lost, err))
			return
		default:
			wait = u.retry
		}
	}
}

func (u *turn) renew(ctx context.Context) (gone bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, 2*callDeadline)
	defer cancel()
	var out struct {
		Result struct{ TTL string }
	}
	if err := u.call(ctx, "/v3/lease/keepalive", map[string]string{"ID": u.lease}, &out); err != nil {
		return false, err
	}
	return out.Result.TTL == "" || out.Result.TTL == "0", nil
}

func (u *turn) revoke(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 2*callDeadline)
	defer cancel()
	// When it cannot be revoked it runs out by itself within a minute.
	_ = u.call(ctx, "/v3/lease/revoke", map[string]string{"ID": u.lease}, &struct{}{})
}

// wait queues and takes the turn when it is this host's.
func (u *turn) wait(ctx context.Context, t *runner.Target) error {
	if err := u.put(ctx, u.place()); err != nil {
		return fmt.Errorf("queue for the turn of cluster %s: %w", u.cluster, err)
	}
	if u.rank > 0 {
		if err := pause(ctx, turnHeadStart); err != nil {
			return err
		}
	}
	end := time.Now().Add(turnPatience)
	told := ""
	for {
		before, err := u.try(ctx)
		if err == nil && before == "" {
			return nil
		}
		if err != nil {
			before = "etcd does not answer: " + err.Error()
		}
		if before != told {
			told = before
			t.Skip(ctx, "turn of cluster "+u.cluster, "waits: "+before)
		}
		if time.Now().After(end) {
			return runner.Refuse("the turn of cluster %s was not free within %s: %s", u.cluster, turnPatience, before)
		}
		if err := pause(ctx, turnPoll); err != nil {
			return err
		}
	}
}

var _ runner.TurnKeeper = (*Role)(nil)
