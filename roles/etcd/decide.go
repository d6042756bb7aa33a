package etcd

import (
	"fmt"
	"slices"
	"strings"
)

// Verdict is what a member without data may do.
type Verdict int

// The verdicts.
const (
	Wait    Verdict = iota
	Found           // found a new cluster of Members
	Join            // start as the member that the cluster already expects
	Replace         // the action replace has to bring it in
	Refuse
)

// Question is what the decision rests on.
type Question struct {
	Me       Member
	Members  []Member // of the inventory, me among them
	Without  []string // the operator's word
	Marker   string   // id of the cluster that this host was a member of, by its own record
	Evidence map[string]Evidence
	Last     bool // patience has ended: no more waiting

	MarkerPath string // where such records are, for the operator
}

// Decision is a verdict with its reason.
type Decision struct {
	Verdict Verdict
	Members []Member // Found, Join: the initial cluster
	Why     string
}

// decide is the whole rule by which a member without data starts. It errs on
// the side of refusing: a second cluster beside the first loses acknowledged
// transactions, a member that waits loses nothing.
func decide(q Question) Decision {
	if d, ok := q.twoClusters(); ok {
		return d
	}
	if d, ok := q.healthyPeer(); ok {
		return d
	}
	if d, ok := q.formingPeer(); ok {
		return d
	}
	if missing := q.missing(); len(missing) > 0 {
		return q.waitFor(missing)
	}
	return q.found()
}

func (q Question) others() []Member {
	return slices.DeleteFunc(slices.Clone(q.Members), func(m Member) bool { return m.Name == q.Me.Name })
}

// founders are the members that a new cluster would have.
func (q Question) founders() []Member {
	return slices.DeleteFunc(slices.Clone(q.Members), func(m Member) bool { return slices.Contains(q.Without, m.Name) })
}

func (q Question) twoClusters() (Decision, bool) {
	id, first := q.Marker, q.Me.Name+" by its own record"
	for _, m := range q.others() {
		e := q.Evidence[m.Name]
		if e.ClusterID == "" {
			continue
		}
		if id != "" && id != e.ClusterID {
			return Decision{Verdict: Refuse, Why: fmt.Sprintf(
				"%s belongs to cluster %s and %s to cluster %s: there are two etcd clusters; decide which one counts, and on the hosts of the other stop etcd and move its data and %s away",
				first, id, m.Name, e.ClusterID, q.MarkerPath)}, true
		}
		id, first = e.ClusterID, m.Name
	}
	return Decision{}, false
}

func (q Question) healthyPeer() (Decision, bool) {
	for _, m := range q.others() {
		e := q.Evidence[m.Name]
		if e.Sight != Healthy {
			continue
		}
		mine := slices.IndexFunc(e.Listed, func(l Listed) bool { return slices.Contains(l.PeerURLs, q.Me.PeerURL) })
		switch {
		case mine < 0:
			return Decision{Verdict: Replace, Why: "the cluster has a quorum and does not know " + q.Me.Name + " yet"}, true
		case e.Listed[mine].started():
			return Decision{Verdict: Replace, Why: "the cluster has a quorum and knows " + q.Me.Name + ", but its data is gone"}, true
		}
		members, err := q.named(e.Listed)
		if err != nil {
			return Decision{Verdict: Refuse, Why: err.Error()}, true
		}
		return Decision{Verdict: Join, Members: members, Why: "the cluster has a quorum and waits for " + q.Me.Name}, true
	}
	return Decision{}, false
}

// formingPeer follows a member that founds the cluster at this moment: it saw
// everyone without data in this run, or it would not do so.
func (q Question) formingPeer() (Decision, bool) {
	for _, m := range q.others() {
		e := q.Evidence[m.Name]
		if e.Sight != Forming {
			continue
		}
		listed, err := q.named(e.Listed)
		switch {
		case q.Marker != "":
			return q.refuseMarker(q.Me.Name, q.Marker), true
		case err != nil:
			return Decision{Verdict: Refuse, Why: err.Error()}, true
		case !slices.Contains(names(listed), q.Me.Name):
			return q.unless("%s founds a cluster without %s and has no quorum yet", m.Name, q.Me.Name), true
		}
		return Decision{Verdict: Found, Members: listed, Why: m.Name + " founds the cluster and waits for " + q.Me.Name}, true
	}
	return Decision{}, false
}

// missing says who was not seen without data, and what was seen.
func (q Question) missing() []string {
	var missing []string
	for _, m := range q.others() {
		e := q.Evidence[m.Name]
		switch {
		case e.Sight == NoQuorum:
			missing = append(missing, m.Name+" has data and no quorum")
		case slices.Contains(q.Without, m.Name):
		case e.Sight == Silent:
			missing = append(missing, m.Name+" did not say whether it has data ("+orNothing(e.Why)+")")
		case e.Sight == Foreign:
			missing = append(missing, m.Name+" is not etcd ("+e.Why+")")
		case e.Sight == NoData && e.Founders != initialCluster(q.founders()):
			missing = append(missing, m.Name+" was told of other members ("+e.Founders+")")
		}
	}
	if slices.Contains(q.Without, q.Me.Name) {
		missing = append(missing, "bootstrap_without names "+q.Me.Name+" itself: it joins once the others have a quorum")
	}
	return missing
}

func (q Question) waitFor(missing []string) Decision {
	return q.unless("%s. Start them, or repair what they run. A member that is gone for good and holds no data that counts can be left out with etcd.bootstrap_without: [name]",
		strings.Join(missing, "; "))
}

// found is the only place where a new cluster is allowed.
func (q Question) found() Decision {
	if q.Marker != "" {
		return q.refuseMarker(q.Me.Name, q.Marker)
	}
	for _, m := range q.others() {
		if marker := q.Evidence[m.Name].Marker; marker != "" {
			return q.refuseMarker(m.Name, marker)
		}
	}
	return Decision{Verdict: Found, Members: q.founders(), Why: "no member of the inventory has data"}
}

func (q Question) refuseMarker(host, id string) Decision {
	return Decision{Verdict: Refuse, Why: fmt.Sprintf(
		"%s was a member of etcd cluster %s and its data is gone: a new cluster would forget who leads PostgreSQL. Bring back the members that have the data, or restore a snapshot; if the old cluster is gone for good, remove %s on every host that has it",
		host, id, q.MarkerPath)}
}

// unless waits, and refuses when patience has ended.
func (q Question) unless(format string, args ...any) Decision {
	verdict := Wait
	if q.Last {
		verdict = Refuse
	}
	return Decision{Verdict: verdict, Why: fmt.Sprintf(format, args...)}
}

// named gives the members of a running cluster the names of the inventory: one
// that never started has none in etcd.
func (q Question) named(listed []Listed) ([]Member, error) {
	var members []Member
	for _, l := range listed {
		if len(l.PeerURLs) == 0 {
			return nil, fmt.Errorf("the running cluster lists a member without an address")
		}
		name := l.Name
		for _, m := range q.Members {
			if slices.Contains(l.PeerURLs, m.PeerURL) {
				name = m.Name
			}
		}
		if name == "" {
			return nil, fmt.Errorf("the running cluster waits for a member at %s that the inventory does not name: remove it with `etcdctl member remove %x`", l.PeerURLs[0], l.ID)
		}
		for _, address := range l.PeerURLs {
			members = append(members, Member{Name: name, PeerURL: address})
		}
	}
	return members, nil
}

func orNothing(text string) string {
	if text == "" {
		return "not asked yet"
	}
	return text
}
