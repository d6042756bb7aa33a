package patroni

import (
	"maps"
	"slices"
	"strings"

	"github.com/pgrun/pgrun/runner"
)

// recordKey is where pgrun remembers, beside the settings in etcd, which of
// the server's settings it made. Patroni keeps keys that it does not know, and
// does not look at them.
const recordKey = "pgrun"

// recorded are the names of the server's settings that a run before made.
func recorded(live map[string]any) []string {
	below, _ := live[recordKey].(map[string]any)
	names, _ := below["parameters"].(string)
	return strings.Fields(names)
}

// remembering adds the record to the settings, and takes back what it has and
// the inventory does not any more.
func (s settings) remembering(live map[string]any) settings {
	server, _ := s["postgresql"].(settings)
	parameters, _ := server["parameters"].(settings)
	for _, name := range recorded(live) {
		if _, wanted := parameters[name]; !wanted {
			parameters[name] = nil
		}
	}
	return s
}

// record names the settings that a run makes, in one line.
func record(parameters settings) settings {
	names := slices.DeleteFunc(sortedNames(parameters), func(name string) bool { return parameters[name] == nil })
	return settings{"parameters": strings.Join(names, " ")}
}

// without is a copy without a key.
func without[M ~map[string]any](m M, key string) M {
	m = maps.Clone(m)
	delete(m, key)
	return m
}

// extras are the paths of the keys in etcd that the inventory does not
// describe, sorted. A pause is no setting.
func (s settings) extras(live map[string]any) [][]string {
	var paths [][]string
	for _, key := range sortedNames(live) {
		wanted, described := s[key]
		below, isMap := live[key].(map[string]any)
		sub, isSettings := wanted.(settings)
		switch {
		case key == recordKey || key == "pause" || live[key] == nil:
		case !described:
			paths = append(paths, []string{key})
		case isMap && isSettings:
			for _, path := range sub.extras(below) {
				paths = append(paths, append([]string{key}, path...))
			}
		}
	}
	return paths
}

// unmanaged warns of extras, or takes them away. Slots and what makes a
// cluster the standby of another are never taken away: that would lose WAL, or
// make it a primary.
func (r *Role) unmanaged(t *runner.Target, wanted settings, live map[string]any) {
	for _, path := range wanted.extras(live) {
		kept := slices.Contains([]string{"slots", "ignore_slots", "standby_cluster", "citus", "mpp"}, path[0])
		switch {
		case r.Unmanaged == "remove" && !kept:
			wanted.remove(path)
		case r.Unmanaged != "ignore":
			t.Warn("the settings in etcd have %s, which the inventory does not describe: write it there, or take it out with `patronictl edit-config` (patroni.unmanaged)",
				strings.Join(path, "."))
		}
	}
}

// remove has a patch take a key away.
func (s settings) remove(path []string) {
	if below, ok := s[path[0]].(settings); ok && len(path) > 1 {
		below.remove(path[1:])
		return
	}
	s[path[0]] = nil
}
