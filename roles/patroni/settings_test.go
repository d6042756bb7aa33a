package patroni

import (
	"encoding/json"
	"reflect"
	"testing"
)

func TestPatch(t *testing.T) {
	live := map[string]any{
		"ttl": json.Number("30"), "pause": false, "synchronous_mode": false,
		"slots": map[string]any{"cdc": map[string]any{}},
		"postgresql": map[string]any{"use_slots": true, "parameters": map[string]any{
			"max_connections": json.Number("200"), "wal_log_hints": "on", "jit": true, "work_mem": "4MB", "random_page_cost": json.Number("1.1"),
		}},
	}
	for _, c := range []struct {
		name   string
		wanted settings
		want   settings
	}{
		{"same in meaning", settings{"ttl": 30, "synchronous_mode": false, "postgresql": settings{"use_slots": true, "parameters": settings{
			"max_connections": "200", "wal_log_hints": true, "jit": "on", "random_page_cost": "1.1"}}}, settings{}},
		{"one differs", settings{"ttl": 20, "loop_wait": 5}, settings{"ttl": 20, "loop_wait": 5}},
		{"a parameter", settings{"postgresql": settings{"parameters": settings{"work_mem": "8MB"}}},
			settings{"postgresql": settings{"parameters": settings{"work_mem": "8MB"}}}},
		{"taken away", settings{"postgresql": settings{"parameters": settings{"work_mem": nil, "absent": nil}}},
			settings{"postgresql": settings{"parameters": settings{"work_mem": nil}}}},
		{"mode", settings{"synchronous_mode": "quorum"}, settings{"synchronous_mode": "quorum"}},
	} {
		got := patch(c.wanted, live)
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
		after := patched(live, got)
		if left := patch(c.wanted, after); len(left) != 0 {
			t.Errorf("%s: still differs after the patch: %v", c.name, left)
		}
		if _, kept := after["slots"]; !kept {
			t.Errorf("%s: the patch takes away what is none of ours", c.name)
		}
	}
	if _, is := live["loop_wait"]; is {
		t.Error("patched changed what it was given")
	}
}

func TestPatchOfNothing(t *testing.T) {
	wanted := settings{"postgresql": settings{"parameters": settings{"jit": "off"}}}
	if got := patch(wanted, nil); !reflect.DeepEqual(got, wanted) {
		t.Errorf("got %v", got)
	}
}
