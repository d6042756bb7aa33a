package patroni_test

import (
	"testing"
	"testing/synctest"

	"github.com/pgrun/pgrun/modules"
)

// In the first moments after a start etcd still has what was before: a leader
// whose key outlives it, and this member as it streamed.
func TestWhatEtcdHasFromBeforeIsNotBelieved(t *testing.T) { synctest.Test(t, whatEtcdHasFromBefore) }

func whatEtcdHasFromBefore(t *testing.T) {
	m, c := newMachine(t, "db1"), quick(nil)
	apply(t, c, "db2", m, false)
	leader, here := 0, 0
	m.Handle("GET", "http://10.0.0.11:8008/patroni", func(modules.Request) (*modules.Response, error) {
		role := "replica"
		if leader++; leader > 1 {
			role = "primary"
		}
		return &modules.Response{Status: 200, Body: []byte(`{"state":"running","role":"` + role + `"}`)}, nil
	})
	m.Handle("GET", "http://10.0.0.12:8008/patroni", func(modules.Request) (*modules.Response, error) {
		state := "starting"
		if here++; here > 1 {
			state = "running"
		}
		return &modules.Response{Status: 200, Body: []byte(`{"state":"` + state + `","role":"replica"}`)}, nil
	})
	if text := apply(t, c, "db2", m, false); leader < 2 || here < 2 {
		t.Errorf("the leader was asked %d times, this member %d times:\n%s", leader, here, text)
	}
}
