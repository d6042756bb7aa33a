package patroni

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/roles/postgres"
	"github.com/pgrun/pgrun/runner"
)

const (
	wordsEvery = 500 * time.Millisecond
	// wordsSettle is how long a word of before is doubted. Hosts of one run
	// come here within seconds of each other.
	wordsSettle = 10 * time.Second
)

// founding is the question whether Patroni may be started on a host without
// data: where etcd knows no cluster, it makes one, new and empty.
type founding struct {
	*Role
	view     *runner.View
	data     string
	patience time.Duration
}

// refuseToFound lets a host without data go on when the cluster is there, is
// being made, or may be made because no other host holds data. A Patroni that
// runs has gone on already.
func (r *Role) refuseToFound(ctx context.Context, t *runner.Target, paths postgres.Paths) error {
	f := founding{Role: r, view: t.View, data: paths.Data, patience: t.Patience}
	if len(f.others()) == 0 {
		return nil
	}
	unit, err := t.Unit(ctx, unitName)
	if err != nil || !slices.Contains([]string{"", "inactive", "failed"}, unit.ActiveState) {
		return err
	}
	return t.Ensure(ctx, modules.Func{Name: "no other host holds data", Find: f.find})
}

func (f founding) others() []string {
	var names []string
	for _, p := range f.view.Group("postgres") {
		if p.Name != f.view.Host.Name {
			names = append(names, p.Name)
		}
	}
	return names
}

// find looks once: an existing cluster is joined without a word.
func (f founding) find(ctx context.Context, r modules.Reader) (*modules.Change, error) {
	joins, q, err := f.look(ctx, r)
	if joins {
		return nil, nil
	}
	why := "no data here"
	if err != nil {
		why += ": " + err.Error()
	} else if _, hosts := q.decide(); len(hosts) > 0 {
		why += ", and the same was not heard of " + strings.Join(hosts, ", ")
	}
	return &modules.Change{Summary: why, Waits: true, Deadline: f.patience + time.Minute, Apply: f.wait}, nil
}

// look reads what etcd has at this moment: joins is a cluster that is there,
// or that some host makes. The words are read first, so that they are never
// newer than the answer that there is no cluster.
func (f founding) look(ctx context.Context, r modules.Reader) (joins bool, q hearing, err error) {
	q = hearing{others: f.others(), without: f.BootstrapWithout}
	if q.said, err = words(ctx, r, f.view); err != nil {
		return false, q, err
	}
	_, joins, err = clusterID(ctx, r.Get, f.view, f.Namespace)
	return joins, q, err
}

// wait says that there is no data here and hears the others, until there is a
// ruling. It speaks before it listens, so that hosts never wait in a circle.
func (f founding) wait(ctx context.Context, h modules.Host) error {
	began := time.Now()
	var own voice
	for {
		elapsed := time.Since(began)
		done, err := false, f.speak(ctx, h, &own)
		if err == nil {
			done, err = f.hear(ctx, h, own.since, elapsed)
		}
		if done || runner.IsRefused(err) {
			return err
		}
		if elapsed >= f.patience {
			return fmt.Errorf("not within %s: %w", f.patience, err)
		}
		if err := pause(ctx, wordsEvery); err != nil {
			return err
		}
	}
}

// voice is what this host said of itself.
type voice struct {
	said  time.Time // the last time
	since int64     // etcd's revision of the first
}

// speak says that there is no data here, when it is time to and still true.
func (f founding) speak(ctx context.Context, h modules.Host, own *voice) error {
	there, err := holdsData(ctx, h, f.data)
	if err != nil {
		return err
	}
	if there {
		return runner.Refuse("%s was without data when this run began, and holds some now: run again", f.data)
	}
	if !own.said.IsZero() && time.Since(own.said) < noneSaid {
		return nil
	}
	revision, err := say(ctx, h, f.view, noData)
	if err != nil {
		return err
	}
	own.said = time.Now()
	if own.since == 0 {
		own.since = revision
	}
	return nil
}

// hear listens once; done is that the host may go on.
func (f founding) hear(ctx context.Context, r modules.Reader, since int64, elapsed time.Duration) (done bool, err error) {
	joins, q, err := f.look(ctx, r)
	if err != nil || joins {
		return err == nil, err
	}
	q.since, q.settled, q.last = since, elapsed >= wordsSettle, elapsed >= f.patience
	switch ruling, hosts := q.decide(); ruling {
	case founds:
		return true, nil
	case holds:
		return false, f.refuseHolders(q, hosts)
	case unheard:
		return false, f.refuseUnheard(hosts)
	}
	return false, nil
}
