package etcd

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"sort"
	"strconv"
	"strings"
	"sync"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/modules/fake"
)

// simulator is an etcd cluster in memory, as far as the role speaks with it.
type simulator struct {
	lock    sync.Mutex
	me      string // the member that 127.0.0.1 reaches
	members []*simulated
	leader  uint64
	keys    map[string]simulatedKey
	leases  int
	expired bool              // all leases ran out
	noticed map[string]notice // by host: members without data
	calls   []string          // that change something
}

type simulated struct {
	Listed
	up      bool
	applied uint64
	version string
}

type simulatedKey struct{ value, lease string }

func newSimulator(me string, started ...string) *simulator {
	s := &simulator{me: me, keys: map[string]simulatedKey{}, noticed: map[string]notice{}}
	for _, l := range listed(started...) {
		s.members = append(s.members, &simulated{Listed: l, up: l.started(), applied: 1000, version: "3.5.16"})
	}
	for _, m := range s.members {
		if m.up {
			s.leader = m.ID
		}
	}
	return s
}

// on lets a machine reach the cluster.
func (s *simulator) on(h *fake.Host) { h.Handle("*", "http://*", s.serve) }

func (s *simulator) member(name string) *simulated {
	for _, m := range s.members {
		if m.Name == name {
			return m
		}
	}
	return nil
}

// at is the member of an address.
func (s *simulator) at(u *url.URL) *simulated {
	if u.Hostname() == "127.0.0.1" {
		return s.member(s.me)
	}
	for _, m := range s.members {
		if strings.Contains(m.PeerURLs[0], "//"+u.Hostname()+":") {
			return m
		}
	}
	return nil
}

func (s *simulator) quorum() bool {
	up, all := 0, 0
	for _, m := range s.members {
		if m.Learner {
			continue
		}
		all++
		if m.up {
			up++
		}
	}
	return up > all/2
}

func (s *simulator) serve(r modules.Request) (*modules.Response, error) {
	s.lock.Lock()
	defer s.lock.Unlock()
	u, err := url.Parse(r.URL)
	if err != nil {
		return nil, err
	}
	for _, m := range three() {
		if n, ok := s.noticed[m.Name]; ok && strings.HasPrefix(r.URL, m.PeerURL+noDataPath) {
			return answer(200, n), nil
		}
	}
	m := s.at(u)
	if m == nil || !m.up {
		return nil, errors.New("connection refused")
	}
	switch u.Path {
	case noDataPath:
		return answer(404, "404 page not found"), nil
	case "/members":
		response := answer(200, peerList(s.listed()))
		response.Header["X-Etcd-Cluster-ID"] = "c1"
		return response, nil
	case "/health":
		if !s.quorum() {
			return answer(503, map[string]string{"health": "false"}), nil
		}
		return answer(200, map[string]string{"health": "true"}), nil
	}
	if !s.quorum() {
		return answer(503, map[string]string{"error": "etcdserver: no leader"}), nil
	}
	return s.gateway(u.Path, m, r.Body), nil
}

func (s *simulator) gateway(path string, m *simulated, body []byte) *modules.Response {
	var in map[string]any
	if err := json.Unmarshal(body, &in); err != nil {
		return answer(400, map[string]string{"error": err.Error()})
	}
	if !modules.ReadOnlyPost("http://x" + path) {
		s.calls = append(s.calls, path)
	}
	head := map[string]string{"cluster_id": strconv.Itoa(0xc1), "member_id": number(m.ID)}
	switch path {
	case "/v3/maintenance/status":
		return answer(200, map[string]any{
			"header": head, "version": m.version, "leader": number(s.leader), "dbSize": "20480",
			"raftIndex": number(m.applied), "raftAppliedIndex": number(m.applied), "isLearner": m.Learner,
		})
	case "/v3/cluster/member/list":
		return answer(200, map[string]any{"header": head, "members": clientList(s.listed())})
	case "/v3/maintenance/transfer-leadership":
		s.leader, _ = strconv.ParseUint(in["targetID"].(string), 10, 64)
		return answer(200, map[string]any{"header": head})
	case "/v3/cluster/member/remove":
		s.members = slices.DeleteFunc(s.members, func(m *simulated) bool { return number(m.ID) == in["ID"] })
		return answer(200, map[string]any{"header": head})
	case "/v3/cluster/member/add":
		if slices.ContainsFunc(s.members, func(m *simulated) bool { return m.Learner }) {
			return answer(400, map[string]string{"error": "etcdserver: too many learner members in cluster"})
		}
		peer := in["peerURLs"].([]any)[0].(string)
		s.members = append(s.members, &simulated{Listed: Listed{ID: 99, PeerURLs: []string{peer}, Learner: in["isLearner"] == true}, applied: 1000})
		return answer(200, map[string]any{"header": head})
	case "/v3/cluster/member/update":
		for _, m := range s.members {
			if number(m.ID) == in["ID"] {
				m.PeerURLs = []string{in["peerURLs"].([]any)[0].(string)}
			}
		}
		return answer(200, map[string]any{"header": head})
	case "/v3/cluster/member/promote":
		for _, m := range s.members {
			if number(m.ID) == in["ID"] {
				if !m.Learner {
					return answer(400, map[string]string{"error": "etcdserver: can only promote a learner member"})
				}
				if !m.up {
					return answer(400, map[string]string{"error": "etcdserver: can only promote a learner member which is in sync with leader"})
				}
				m.Learner = false
			}
		}
		return answer(200, map[string]any{"header": head})
	}
	return s.keyValue(path, in)
}

func (s *simulator) keyValue(path string, in map[string]any) *modules.Response {
	text := func(name string) string { value, _ := in[name].(string); return value }
	switch path {
	case "/v3/lease/grant":
		s.leases++
		return answer(200, map[string]string{"ID": strconv.Itoa(s.leases), "TTL": text("TTL")})
	case "/v3/lease/keepalive":
		if s.expired {
			return answer(200, map[string]any{"result": map[string]string{"ID": text("ID")}})
		}
		return answer(200, map[string]any{"result": map[string]string{"ID": text("ID"), "TTL": "60"}})
	case "/v3/lease/revoke":
		s.forget(text("ID"))
		return answer(200, map[string]string{})
	case "/v3/kv/put":
		s.keys[decoded(text("key"))] = simulatedKey{text("value"), text("lease")}
		return answer(200, map[string]string{})
	case "/v3/kv/range":
		return answer(200, map[string]any{"kvs": s.between(decoded(text("key")), decoded(text("range_end")))})
	case "/v3/kv/txn":
		put := in["success"].([]any)[0].(map[string]any)["request_put"].(map[string]any)
		key := decoded(put["key"].(string))
		if _, taken := s.keys[key]; taken {
			return answer(200, map[string]any{"responses": []any{map[string]any{"response_range": map[string]any{"kvs": s.between(key, "")}}}})
		}
		s.keys[key] = simulatedKey{put["value"].(string), put["lease"].(string)}
		return answer(200, map[string]any{"succeeded": true})
	}
	return answer(404, map[string]string{"error": "Not Found"})
}

// send serves whoever is on no machine.
func (s *simulator) send(_ context.Context, r modules.Request) (*modules.Response, error) {
	return s.serve(r)
}

// expire ends a lease.
func (s *simulator) expire(lease string) { s.set(func() { s.forget(lease) }) }

func (s *simulator) forget(lease string) {
	for key, k := range s.keys {
		if k.lease == lease {
			delete(s.keys, key)
		}
	}
}

func (s *simulator) between(from, to string) []map[string]string {
	var list []map[string]string
	for key, k := range s.keys {
		if key == from || to != "" && key >= from && key < to {
			list = append(list, map[string]string{"key": encode(key), "value": k.value, "lease": k.lease})
		}
	}
	sort.Slice(list, func(i, j int) bool { return decoded(list[i]["key"]) < decoded(list[j]["key"]) })
	return list
}

func (s *simulator) listed() []Listed {
	var list []Listed
	for _, m := range s.members {
		list = append(list, m.Listed)
	}
	return list
}

func clientList(listed []Listed) []map[string]any {
	var list []map[string]any
	for _, l := range listed {
		list = append(list, map[string]any{"ID": number(l.ID), "name": l.Name, "peerURLs": l.PeerURLs, "clientURLs": l.ClientURLs, "isLearner": l.Learner})
	}
	return list
}

func peerList(listed []Listed) []map[string]any {
	list := clientList(listed)
	for i, l := range listed {
		delete(list[i], "ID")
		list[i]["id"] = l.ID
	}
	return list
}

func (s *simulator) set(change func()) {
	s.lock.Lock()
	defer s.lock.Unlock()
	change()
}

func answer(status int, body any) *modules.Response {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return &modules.Response{Status: status, Header: map[string]string{}, Body: text}
}

func number(id uint64) string { return strconv.FormatUint(id, 10) }

func decoded(text string) string {
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		panic(fmt.Sprintf("%q is not base64", text))
	}
	return string(raw)
}
