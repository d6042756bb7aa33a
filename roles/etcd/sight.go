package etcd

// Sight is what another member showed when it was asked.
type Sight int

// What can be seen of another member.
const (
	Silent   Sight = iota // it did not answer
	NoData                // pgrun answers there: it has no data and waits like this host
	Forming               // etcd runs and founds a cluster that never had a quorum
	NoQuorum              // etcd runs with data and has no quorum now
	Healthy               // etcd runs and has a quorum
	Foreign               // something else answers
)

// Evidence is all that is known of another member.
type Evidence struct {
	Sight     Sight
	ClusterID string   // Forming, NoQuorum, Healthy: the cluster's id
	Listed    []Listed // Forming, NoQuorum, Healthy: the members that it knows
	Founders  string   // NoData: the cluster that it would found
	Marker    string   // NoData: the id of the cluster that it was a member of
	Seen      []string // NoData: whom it saw without data, forming or healthy
	Why       string   // Silent, Foreign: what was seen instead
}

// Listed is a member as etcd lists it.
type Listed struct {
	ID         uint64
	Name       string // "" until it started for the first time
	PeerURLs   []string
	ClientURLs []string // none until it started for the first time
	Learner    bool
}

// started says whether the member has ever been part of a quorum.
func (l Listed) started() bool { return len(l.ClientURLs) > 0 }

// seen says whether a sight proves that the member holds no other cluster's
// data, or is past that question.
func (e Evidence) seen() bool {
	return e.Sight == NoData || e.Sight == Forming || e.Sight == Healthy
}

func (e Evidence) String() string {
	switch e.Sight {
	case NoData:
		return "has no data"
	case Forming:
		return "founds the cluster"
	case NoQuorum:
		return "has no quorum"
	case Healthy:
		return "is healthy"
	case Foreign:
		return "is not etcd: " + e.Why
	default:
		return "does not answer: " + orNothing(e.Why)
	}
}
