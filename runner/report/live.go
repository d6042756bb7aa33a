package report

import (
	"time"

	"github.com/pgrun/pgrun/runner"
)

// live is what each host of the play is at.
type live struct {
	order []string
	at    map[string]doing
}

type doing struct {
	what  string
	since time.Time // the step runs since; zero: the last one has ended
	told  time.Time // of a running step: when it was last said that it lives
}

// event keeps what hosts are doing up to date.
func (l *live) event(e runner.Event, now time.Time) {
	switch e.Event {
	case runner.EventPlay, runner.EventRecap:
		l.order, l.at = nil, nil
	case runner.EventStart:
		l.set(e.Host, doing{what: title(e), since: now.Add(-time.Duration(e.MS) * time.Millisecond), told: now})
	case runner.EventStep:
		if e.State != runner.Failed {
			l.set(e.Host, doing{what: title(e)})
			return
		}
		l.remove(e.Host)
	case runner.EventHost:
		if e.Failure != nil {
			l.remove(e.Host)
			return
		}
		l.set(e.Host, doing{what: e.Why})
	}
}

func (l *live) set(host string, d doing) {
	if host == "" {
		return
	}
	if l.at == nil {
		l.at = map[string]doing{}
	}
	if _, known := l.at[host]; !known {
		l.order = append(l.order, host)
	}
	l.at[host] = d
}

func (l *live) remove(host string) {
	delete(l.at, host)
	for i, name := range l.order {
		if name == host {
			l.order = append(l.order[:i:i], l.order[i+1:]...)
			return
		}
	}
}
