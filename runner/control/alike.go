package control

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pgrun/pgrun/playbooks"
	"github.com/pgrun/pgrun/runner"
)

// alike compares, cluster by cluster, what must be the same on all hosts
// before the first acts. It returns false when something differs or a host did
// not answer.
func (r *run) alike(ctx context.Context, play playbooks.Play, p part, hosts []string) bool {
	links := r.present(hosts)
	surveys, ok := r.ask(ctx, play, p, links, true)
	if !ok {
		return false
	}
	said := map[string]map[string]string{} // host, what, value
	for i, l := range links {
		said[l.host] = surveys[i].Alike
	}
	for _, members := range r.byCluster(hosts) {
		if differences := differ(members, said); len(differences) > 0 {
			r.refuseUnlike(members[0], play, p, differences)
			ok = false
		}
	}
	return ok
}

// differ says in what hosts are not alike, sorted by what it is: "etcd: 3.5.16
// on db1, db2; 3.5.30 on db3". What a host says nothing of is not compared.
func differ(hosts []string, said map[string]map[string]string) []string {
	values := map[string]map[string][]string{} // what, value, hosts
	for _, host := range hosts {
		for what, value := range said[host] {
			if values[what] == nil {
				values[what] = map[string][]string{}
			}
			values[what][value] = append(values[what][value], host)
		}
	}
	var list []string
	for _, what := range slices.Sorted(maps.Keys(values)) {
		if len(values[what]) < 2 {
			continue
		}
		var parts []string
		for _, value := range slices.Sorted(maps.Keys(values[what])) {
			parts = append(parts, fmt.Sprintf("%s on %s", value, strings.Join(values[what][value], ", ")))
		}
		list = append(list, what+": "+strings.Join(parts, "; "))
	}
	return list
}

func (r *run) refuseUnlike(host string, play playbooks.Play, p part, differences []string) {
	r.event(host, play.Name, runner.Event{
		Event: runner.EventStep, Role: p.action.Role, Action: p.action.Name, Step: "all hosts alike", State: runner.Failed,
		Failure: &runner.Failure{
			Kind:  runner.KindRefused,
			Error: "the hosts differ, so none of them acts: " + strings.Join(differences, "; "),
			Hint:  "give all of them the same package source and wait until their mirrors agree, or mend the host that differs; then run the same command again",
		},
	})
}
