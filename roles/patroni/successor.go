package patroni

import (
	"slices"
	"strings"

	"github.com/pgrun/pgrun/runner"
)

// successor says who may take over from the leader. The same rule answers in
// check mode and in the run, so that both name the same replica.
type successor struct {
	suitable func(nodeState) bool // nil: all are
	named    string               // by the operator; "" is the best one
	// due says whether a restart is due on a replica when the leader hands
	// over; nil is what the replica says of itself now.
	due func(name string) bool
}

// choose names the replica that takes over: synchronous where commits wait for
// standbys, one without a restart due before one that would be out again soon.
func (s successor) choose(c clusterState, v view) (string, error) {
	var fit []member
	var reasons []string
	for _, m := range c.Members {
		if m.leads() {
			continue
		}
		why := s.unfit(m, v)
		if why == "" {
			fit = append(fit, m)
			continue
		}
		reasons = append(reasons, m.Name+" "+why)
		if m.Name == s.named {
			return "", runner.Refuse("%s cannot take over: it %s", m.Name, why)
		}
	}
	if s.named != "" {
		return s.judge(fit, v)
	}
	if len(fit) == 0 {
		return "", runner.Refuse("there is no replica that could take over (%s): see `patronictl list`", strings.Join(reasons, "; "))
	}
	return slices.MinFunc(fit, func(a, b member) int { return s.compare(a, b, v) }).Name, nil
}

// unfit says why a replica cannot take over.
func (s successor) unfit(m member, v view) string {
	node, answers := v.Nodes[m.Name]
	switch {
	case !answers:
		return "does not answer on its REST API"
	case on(m.Tags["nofailover"]):
		return "is tagged nofailover"
	case !m.streams(v.senders()):
		return "is " + m.State + " and does not stream"
	case m.Lag < 0:
		return "has a lag " + m.Lag.String()
	case s.suitable != nil && !s.suitable(node):
		return "does not run the new version"
	}
	return ""
}

// judge holds the named replica against the others that are fit.
func (s successor) judge(fit []member, v view) (string, error) {
	i := slices.IndexFunc(fit, func(m member) bool { return m.Name == s.named })
	if i < 0 {
		return "", runner.Refuse("%s cannot take over: it is no member in etcd; run site.yml", s.named)
	}
	m := fit[i]
	if m.Lag > mostLag {
		return "", runner.Refuse("%s cannot take over: it has a lag %s, and %d is the most: wait until it has caught up", m.Name, m.Lag, mostLag)
	}
	for _, other := range fit {
		switch {
		case other.synchronous() && !m.synchronous():
			return "", runner.Refuse("%s cannot take over: commits wait for %s and not for it; name %s, or wait until Patroni has made %s a synchronous standby",
				m.Name, other.Name, other.Name, m.Name)
		case s.restartDue(m, v) && !s.restartDue(other, v):
			return "", runner.Refuse("%s has a restart due, so it would be out again soon, and %s has none: run restart.yml first, or name %s", m.Name, other.Name, other.Name)
		}
	}
	return m.Name, nil
}

func (s successor) restartDue(m member, v view) bool {
	if s.due != nil {
		return s.due(m.Name)
	}
	return m.PendingRestart || v.Nodes[m.Name].PendingRestart
}

// compare orders replicas, the best first. A lag that the gates allow is none:
// it changes from moment to moment. The members come sorted by name, so that
// equals give the same answer everywhere.
func (s successor) compare(a, b member, v view) int {
	for _, better := range []func(member) float64{
		func(m member) float64 { return rating(m.synchronous()) },
		func(m member) float64 { return rating(!s.restartDue(m, v)) },
		priority,
		func(m member) float64 { return -float64(m.Lag / (mostLag + 1)) },
	} {
		if x, y := better(a), better(b); x != y {
			if x > y {
				return -1
			}
			return 1
		}
	}
	return strings.Compare(a.Name, b.Name)
}

func rating(is bool) float64 {
	if is {
		return 1
	}
	return 0
}

func priority(m member) float64 {
	if p, ok := m.Tags["failover_priority"].(float64); ok {
		return p
	}
	return 1
}

// warning says that the one that takes over will be out again: nobody else
// could.
func (s successor) warning(name string, v view) string {
	if !s.restartDue(member{Name: name}, v) {
		return ""
	}
	return ", which has a restart due itself, as all replicas that could take over: so another switchover will follow"
}
