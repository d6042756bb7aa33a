package etcd

import (
	"strings"
	"testing"
)

func three() []Member {
	return []Member{
		{Name: "db1", ClientURL: "http://10.0.0.1:2379", PeerURL: "http://10.0.0.1:2380"},
		{Name: "db2", ClientURL: "http://10.0.0.2:2379", PeerURL: "http://10.0.0.2:2380"},
		{Name: "db3", ClientURL: "http://10.0.0.3:2379", PeerURL: "http://10.0.0.3:2380"},
	}
}

// listed are the three members; started names those that have client URLs.
func listed(started ...string) []Listed {
	var list []Listed
	for i, m := range three() {
		l := Listed{ID: uint64(i + 1), Name: m.Name, PeerURLs: []string{m.PeerURL}}
		if strings.Contains(strings.Join(started, " "), m.Name) {
			l.ClientURLs = []string{m.ClientURL}
		}
		list = append(list, l)
	}
	return list
}

func without(list []Listed, name string) []Listed {
	var rest []Listed
	for _, l := range list {
		if l.Name != name {
			rest = append(rest, l)
		}
	}
	return rest
}

const (
	all    = "db1=http://10.0.0.1:2380,db2=http://10.0.0.2:2380,db3=http://10.0.0.3:2380"
	firsts = "db1=http://10.0.0.1:2380,db2=http://10.0.0.2:2380"
)

func TestDecide(t *testing.T) {
	noData := Evidence{Sight: NoData, Founders: all}
	healthy := func(l []Listed) Evidence { return Evidence{Sight: Healthy, ClusterID: "c1", Listed: l} }
	forming := Evidence{Sight: Forming, ClusterID: "c1", Listed: listed()}
	for name, c := range map[string]struct {
		q       Question // of db1
		db2     Evidence
		db3     Evidence
		want    Verdict
		members string
		why     string
	}{
		"nobody was asked yet":         {want: Wait, why: "db2 did not say"},
		"one is silent":                {db2: noData, want: Wait, why: "db3 did not say whether it has data (not asked yet)"},
		"one is silent to the end":     {q: Question{Last: true}, db2: noData, db3: Evidence{Why: "connection refused"}, want: Refuse, why: "db3 did not say whether it has data (connection refused)"},
		"all without data":             {db2: noData, db3: noData, want: Found, members: all},
		"one is silent, but named":     {q: Question{Without: []string{"db3"}}, db2: Evidence{Sight: NoData, Founders: firsts}, want: Found, members: firsts},
		"named, and peers disagree":    {q: Question{Without: []string{"db3"}}, db2: noData, want: Wait, why: "db2 was told of other members"},
		"it is named itself":           {q: Question{Without: []string{"db1"}}, db2: Evidence{Sight: NoData, Founders: "db2=http://10.0.0.2:2380,db3=http://10.0.0.3:2380"}, db3: Evidence{Sight: NoData, Founders: "db2=http://10.0.0.2:2380,db3=http://10.0.0.3:2380"}, want: Wait, why: "bootstrap_without names db1 itself"},
		"own record, data gone":        {q: Question{Marker: "c1"}, db2: noData, db3: noData, want: Refuse, why: "db1 was a member of etcd cluster c1"},
		"a peer's record":              {db2: noData, db3: Evidence{Sight: NoData, Founders: all, Marker: "c1"}, want: Refuse, why: "db3 was a member of etcd cluster c1"},
		"no quorum":                    {db2: Evidence{Sight: NoQuorum, ClusterID: "c1", Listed: listed("db1", "db2", "db3")}, db3: noData, want: Wait, why: "db2 has data and no quorum"},
		"no quorum to the end":         {q: Question{Last: true}, db2: Evidence{Sight: NoQuorum, ClusterID: "c1"}, db3: noData, want: Refuse, why: "db2 has data and no quorum"},
		"no quorum, and named":         {q: Question{Without: []string{"db2"}}, db2: Evidence{Sight: NoQuorum, ClusterID: "c1"}, db3: Evidence{Sight: NoData, Founders: "db1=http://10.0.0.1:2380,db3=http://10.0.0.3:2380"}, want: Wait, why: "db2 has data and no quorum"},
		"foreign":                      {q: Question{Last: true}, db2: Evidence{Sight: Foreign, Why: "status 500"}, db3: noData, want: Refuse, why: "db2 is not etcd (status 500)"},
		"forming":                      {db2: forming, want: Found, members: all},
		"forming, own record":          {q: Question{Marker: "c1"}, db2: forming, want: Refuse, why: "db1 was a member"},
		"forming without me":           {db2: Evidence{Sight: Forming, ClusterID: "c1", Listed: without(listed(), "db1")}, want: Wait, why: "db2 founds a cluster without db1"},
		"expected by a quorum":         {db2: healthy(listed("db2", "db3")), db3: healthy(listed("db2", "db3")), want: Join, members: all},
		"expected, one is silent":      {db2: healthy(listed("db2", "db3")), want: Join, members: all},
		"added, its name not known":    {db2: healthy(append(without(listed("db2", "db3"), "db1"), Listed{ID: 9, PeerURLs: []string{"http://10.0.0.1:2380"}, Learner: true})), want: Join, members: all},
		"known, but its data is gone":  {db2: healthy(listed("db1", "db2", "db3")), want: Replace, why: "its data is gone"},
		"own record, data gone, alive": {q: Question{Marker: "c1"}, db2: healthy(listed("db1", "db2", "db3")), want: Replace, why: "its data is gone"},
		"not known":                    {db2: healthy(without(listed("db2", "db3"), "db1")), want: Replace, why: "does not know db1 yet"},
		"record of another cluster":    {q: Question{Marker: "c0"}, db2: healthy(listed("db2", "db3")), want: Refuse, why: "db1 by its own record belongs to cluster c0 and db2 to cluster c1"},
		"two clusters":                 {db2: healthy(listed()), db3: Evidence{Sight: Healthy, ClusterID: "c2"}, want: Refuse, why: "two etcd clusters"},
		"a stranger that never began":  {db2: healthy(append(listed("db2", "db3"), Listed{ID: 0xabc, PeerURLs: []string{"http://10.9.9.9:2380"}})), want: Refuse, why: "etcdctl member remove abc"},
	} {
		t.Run(name, func(t *testing.T) {
			q := c.q
			q.Members, q.Me = three(), three()[0]
			q.Evidence = map[string]Evidence{"db2": c.db2, "db3": c.db3}
			got := decide(q)
			if got.Verdict != c.want || !strings.Contains(got.Why, c.why) {
				t.Errorf("verdict %d (%s), want %d (%s)", got.Verdict, got.Why, c.want, c.why)
			}
			if c.members != "" && initialCluster(got.Members) != c.members {
				t.Errorf("members %s, want %s", initialCluster(got.Members), c.members)
			}
		})
	}
}

func TestDecideAloneFoundsAtOnce(t *testing.T) {
	alone := three()[:1]
	if got := decide(Question{Me: alone[0], Members: alone}); got.Verdict != Found {
		t.Errorf("verdict %d (%s)", got.Verdict, got.Why)
	}
	if got := decide(Question{Me: alone[0], Members: alone, Marker: "c1"}); got.Verdict != Refuse {
		t.Errorf("with a record: verdict %d (%s)", got.Verdict, got.Why)
	}
}

// No two members without data may found different clusters, whatever each of
// them sees: all pairs of sights of the third member are tried.
func TestDecideNeverFoundsTwoClusters(t *testing.T) {
	third := []Evidence{
		{}, {Sight: NoData, Founders: all}, {Sight: NoData, Founders: firsts}, {Sight: Foreign},
		{Sight: Forming, ClusterID: "c1", Listed: listed()},
		{Sight: NoQuorum, ClusterID: "c1", Listed: listed("db1", "db2", "db3")},
		{Sight: Healthy, ClusterID: "c1", Listed: listed("db3")},
	}
	noData := Evidence{Sight: NoData, Founders: all}
	for _, a := range third {
		for _, b := range third {
			one := decide(Question{Me: three()[0], Members: three(), Evidence: map[string]Evidence{"db2": noData, "db3": a}})
			two := decide(Question{Me: three()[1], Members: three(), Evidence: map[string]Evidence{"db1": noData, "db3": b}})
			if one.Verdict == Found && two.Verdict == Found && initialCluster(one.Members) != initialCluster(two.Members) {
				t.Errorf("db1 founds %s and db2 %s", initialCluster(one.Members), initialCluster(two.Members))
			}
		}
	}
}
