package patroni_test

import (
	"encoding/json"
	"fmt"
	"strconv"
	"sync"
	"time"

	"github.com/pgrun/pgrun/modules"
)

// store is as much of etcd as hosts tell each other by.
type store struct {
	mu       sync.Mutex
	revision int
	keys     map[string]stored
	leases   []time.Time // when each ends
}

type stored struct {
	value    string
	revision int
	lease    string // "" is none
}

func newStore() *store { return &store{keys: map[string]stored{}} }

// saying is a store in which hosts said that they hold no data.
func saying(hosts ...string) *store {
	s := newStore()
	for _, name := range hosts {
		s.put("/pgrun/orders/postgres/"+name, "none", "")
	}
	return s
}

func (s *store) put(key, value, lease string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.revision++
	s.keys[key] = stored{value, s.revision, lease}
	return s.revision
}

func (s *store) remove(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.keys, key)
}

func (s *store) get(key string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.keys[key].value
}

// serve lets a host reach the store as the etcd of db1.
func (s *store) serve(m *machine) {
	m.Handle("POST", "http://10.0.0.11:2379/v3/*", func(r modules.Request) (*modules.Response, error) {
		var in struct {
			Key   []byte
			End   []byte `json:"range_end"`
			Value []byte
			Lease string
			TTL   string
		}
		if err := json.Unmarshal(r.Body, &in); err != nil {
			return nil, err
		}
		var out any
		switch r.URL[len("http://10.0.0.11:2379/v3/"):] {
		case "kv/range":
			out = s.find(string(in.Key), string(in.End))
		case "kv/put":
			out = map[string]any{"header": map[string]string{"revision": strconv.Itoa(s.put(string(in.Key), string(in.Value), in.Lease))}}
		case "kv/deleterange":
			s.remove(string(in.Key))
			out = map[string]any{}
		case "lease/grant":
			out = map[string]string{"ID": s.grant(in.TTL)}
		default:
			return nil, fmt.Errorf("no such call: %s", r.URL)
		}
		body, err := json.Marshal(out)
		return &modules.Response{Status: 200, Body: body}, err
	})
}

func (s *store) grant(ttl string) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	seconds, _ := strconv.Atoi(ttl)
	s.leases = append(s.leases, time.Now().Add(time.Duration(seconds)*time.Second))
	return strconv.Itoa(len(s.leases))
}

func (s *store) find(key, end string) any {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []any{}
	for name, kv := range s.keys {
		if lease, err := strconv.Atoi(kv.lease); err == nil && !time.Now().Before(s.leases[lease-1]) {
			continue
		}
		if name == key || end != "" && name >= key && name < end {
			list = append(list, map[string]any{"key": []byte(name), "value": []byte(kv.value), "mod_revision": strconv.Itoa(kv.revision), "lease": kv.lease})
		}
	}
	return map[string]any{"kvs": list}
}
