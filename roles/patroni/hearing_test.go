package patroni

import (
	"slices"
	"testing"
)

func TestWhoMayFound(t *testing.T) {
	const id = "7400000000000000001"
	none, data := word{noData, 7}, word{id, 7}
	said := func(db2, db3 word) map[string]word {
		all := map[string]word{"db9": data} // not of the inventory any more
		for name, w := range map[string]word{"db2": db2, "db3": db3} {
			if w.data != "" {
				all[name] = w
			}
		}
		return all
	}
	for _, c := range []struct {
		name  string
		q     hearing
		want  ruling
		hosts []string
	}{
		{"all hold none", hearing{said: said(none, none)}, founds, nil},
		{"all hold none at the last moment", hearing{said: said(none, none), last: true}, founds, nil},
		{"nobody has said anything", hearing{}, waits, []string{"db2", "db3"}},
		{"one is missing", hearing{said: said(none, word{})}, waits, []string{"db3"}},
		{"one is missing in the end", hearing{said: said(none, word{}), last: true}, unheard, []string{"db3"}},
		{"the missing one is left out", hearing{said: said(none, word{}), without: []string{"db3"}}, founds, nil},
		{"another is left out", hearing{said: said(none, word{}), without: []string{"db2"}}, waits, []string{"db3"}},
		{"one holds data", hearing{said: said(none, data)}, holds, []string{"db3"}},
		{"one holds data, one is missing", hearing{said: said(word{}, data)}, holds, []string{"db3"}},
		{"who is left out holds data", hearing{said: said(none, data), without: []string{"db3"}}, holds, []string{"db3"}},
		{"an old word of data", hearing{said: said(none, data), since: 8}, waits, []string{"db3"}},
		{"an old word of data of one left out", hearing{said: said(none, data), since: 8, without: []string{"db3"}}, waits, []string{"db3"}},
		{"an old word that nobody corrected", hearing{said: said(none, data), since: 8, settled: true}, holds, []string{"db3"}},
		{"an old word in the end", hearing{said: said(none, data), since: 8, last: true}, holds, []string{"db3"}},
		{"no word of pgrun's", hearing{said: said(none, word{"?", 7})}, holds, []string{"db3"}},
	} {
		c.q.others = []string{"db2", "db3"}
		if got, hosts := c.q.decide(); got != c.want || !slices.Equal(hosts, c.hosts) {
			t.Errorf("%s: %v %v, want %v %v", c.name, got, hosts, c.want, c.hosts)
		}
	}
}
