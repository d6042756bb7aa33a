package patroni

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pgrun/pgrun/roles/postgres"
)

// settings are what all members share, as they lie in etcd. A value of nil
// takes a key away.
type settings map[string]any

// settings are what the inventory says.
func (r *Role) settings(pg *postgres.Role) settings {
	t := r.timing()
	parameters := settings{}
	set, removed := pg.Settings()
	for name, value := range set {
		parameters[name] = value
	}
	for _, name := range removed {
		parameters[name] = nil
	}
	return settings{
		"ttl":                     t.TTL,
		"loop_wait":               t.LoopWait,
		"retry_timeout":           t.RetryTimeout,
		"primary_start_timeout":   t.PrimaryStartTimeout,
		"maximum_lag_on_failover": r.MaximumLagOnFailover,
		"check_timeline":          true,
		// Losing etcd alone is no reason to lose the leader.
		"failsafe_mode":           true,
		"synchronous_mode":        r.synchronous(),
		"synchronous_mode_strict": r.SynchronousModeStrict,
		"synchronous_node_count":  r.SynchronousNodeCount,
		"postgresql": settings{
			"use_pg_rewind": true,
			"use_slots":     true,
			"parameters":    parameters,
		},
		recordKey: record(parameters),
	}
}

// synchronous is the mode as Patroni has it; auto stands where it is only
// compared between hosts.
func (r *Role) synchronous() any {
	switch r.SynchronousMode {
	case synchronousOn:
		return true
	case synchronousQuorum, synchronousAuto:
		return r.SynchronousMode
	}
	return false
}

// withoutRemoved leaves out the keys that are to be taken away: a new cluster
// has none.
func (s settings) withoutRemoved() settings {
	kept := settings{}
	for key, value := range s {
		switch v := value.(type) {
		case nil:
		case settings:
			kept[key] = v.withoutRemoved()
		default:
			kept[key] = v
		}
	}
	return kept
}

// patch is what has to be sent so that live becomes as wanted: the keys that
// differ in meaning. Keys that only live has are none of ours.
func patch(wanted settings, live map[string]any) settings {
	differ := settings{}
	for key, value := range wanted {
		there, is := live[key]
		switch v := value.(type) {
		case nil:
			if is && there != nil {
				differ[key] = nil
			}
		case settings:
			below, _ := there.(map[string]any)
			if sub := patch(v, below); len(sub) > 0 {
				differ[key] = sub
			}
		default:
			if !is || meaning(v) != meaning(there) {
				differ[key] = v
			}
		}
	}
	return differ
}

// patched is what live becomes by a patch.
func patched(live map[string]any, p settings) map[string]any {
	after := maps.Clone(live)
	if after == nil {
		after = map[string]any{}
	}
	for key, value := range p {
		switch v := value.(type) {
		case nil:
			delete(after, key)
		case settings:
			below, _ := after[key].(map[string]any)
			after[key] = patched(below, v)
		default:
			after[key] = v
		}
	}
	return after
}

// meaning is a value as PostgreSQL and Patroni understand it: 30 and "30",
// true, "on" and "yes" are the same.
func meaning(value any) string {
	text := fmt.Sprint(value)
	if number, ok := value.(json.Number); ok {
		text = number.String()
	}
	switch strings.ToLower(text) {
	case "true", "on", "yes":
		return "on"
	case "false", "off", "no":
		return "off"
	}
	return text
}

// leaves are the dotted names of what a patch sets, sorted.
func (s settings) leaves() []string {
	var names []string
	for key, value := range s {
		if below, ok := value.(settings); ok {
			for _, name := range below.leaves() {
				names = append(names, key+"."+name)
			}
			continue
		}
		names = append(names, key)
	}
	slices.Sort(names)
	return names
}
