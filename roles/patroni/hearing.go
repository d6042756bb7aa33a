package patroni

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pgrun/pgrun/runner"
)

// noData is what a host says that holds none; any other word is the system
// identifier of what it holds.
const noData = "none"

// word is what a host of the group postgres said of its data.
type word struct {
	data     string
	revision int64 // of etcd, when it was said
}

// hearing is what a host without data knows of the others when it asks whether
// Patroni may make the cluster here.
type hearing struct {
	others  []string // of the group postgres, but for this host
	without []string // the operator's word
	said    map[string]word
	since   int64 // etcd's revision when this host said its own word
	// settled: who is at work now has had the time to say its word anew. Until
	// then one of before may be outdated: its data was moved away.
	settled bool
	last    bool // patience has ended
}

// ruling is what follows from a hearing.
type ruling int

const (
	waits   ruling = iota // for the words of the hosts named
	founds                // nobody holds data that counts
	holds                 // the hosts named hold data
	unheard               // patience has ended without a word of the hosts named
)

// decide is the whole rule by which a host without data may found a cluster.
// It errs on the side of refusing: an empty cluster under the old name takes
// the clients away from their data, a host that waits loses nothing.
func (q hearing) decide() (ruling, []string) {
	var holders, silent []string
	for _, name := range q.others {
		w, ok := q.said[name]
		switch {
		case ok && w.data == noData, !ok && slices.Contains(q.without, name):
		case ok && q.counts(w):
			holders = append(holders, name)
		default:
			silent = append(silent, name)
		}
	}
	switch {
	case len(holders) > 0:
		return holds, holders
	case len(silent) == 0:
		return founds, nil
	case q.last:
		return unheard, silent
	}
	return waits, silent
}

// counts says whether a word of data is believed.
func (q hearing) counts(w word) bool { return q.settled || q.last || w.revision > q.since }

func (f founding) refuseHolders(q hearing, hosts []string) error {
	var list []string
	for _, name := range hosts {
		list = append(list, fmt.Sprintf("%s does (system identifier %s)", name, q.said[name].data))
	}
	return runner.Refuse("this host holds no data, %s, and etcd knows nothing of a cluster %s: Patroni would make a new, empty one here. %s there, and run again",
		strings.Join(list, ", "), f.view.Cluster, lostEtcd)
}

func (f founding) refuseUnheard(hosts []string) error {
	names := strings.Join(hosts, ", ")
	return runner.Refuse("this host holds no data, etcd knows nothing of a cluster %s, and within %s nothing was heard of the data of %s: "+
		"where there is some, Patroni would make a new, empty cluster here beside it. Run on all hosts of the group postgres at the same time. "+
		"Hosts that are gone for good, or hold no data that counts, can be left out with patroni.bootstrap_without: [%s]",
		f.view.Cluster, f.patience, names, names)
}
