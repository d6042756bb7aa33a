package etcd

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/modules/fake"
	"gopkg.in/yaml.v3"
)

// world is hosts whose etcds start, found, join and end like real ones, as far
// as the founding of a cluster goes: it notes when a second one begins.
type world struct {
	t        *testing.T
	lock     sync.Mutex
	hosts    map[string]*worldHost // by address
	clusters map[uint64]*worldCluster
}

type worldHost struct {
	*fake.Host
	name    string
	up      bool
	cluster uint64 // of its data; 0: none
}

type worldCluster struct {
	listed  []Listed
	founded bool // it had a quorum
}

func newWorld(t *testing.T, count int) *world {
	w := &world{t: t, hosts: map[string]*worldHost{}, clusters: map[uint64]*worldCluster{}}
	for i := range count {
		h := &worldHost{Host: bare("3.5.16-4"), name: fmt.Sprintf("db%d", i+1)}
		w.hosts[fmt.Sprintf("10.0.0.%d", i+1)] = h
		h.Handle("*", "http://*", w.serve)
		h.OnJob(unit, func(verb string) error {
			switch strings.TrimSuffix(verb, "-no-block") {
			case "start", "restart":
				return w.start(h)
			case "stop":
				w.lock.Lock()
				defer w.lock.Unlock()
				h.up = false
			}
			return nil
		})
	}
	return w
}

// start is what systemd and etcd do.
func (w *world) start(h *worldHost) error {
	w.lock.Lock()
	defer w.lock.Unlock()
	if h.cluster == 0 {
		if h.Content("/run/pgrun/etcd-orders.start") == "" {
			return errors.New("assertion failed")
		}
		if !w.begin(h) {
			return nil // it ends, and systemd tries again
		}
	}
	h.up = true
	w.elect(h.cluster)
	return nil
}

// begin gives a host its first data.
func (w *world) begin(h *worldHost) bool {
	var b beginning
	if err := yaml.Unmarshal([]byte(h.Content(configPath)), &b); err != nil {
		w.t.Error(err)
	}
	id := hash(b.Cluster)
	if b.State == stateExisting {
		if id = w.expects(h); id == 0 {
			return false
		}
	}
	if w.clusters[id] == nil {
		c := &worldCluster{}
		for part := range strings.SplitSeq(b.Cluster, ",") {
			_, peer, _ := strings.Cut(part, "=")
			c.listed = append(c.listed, Listed{ID: hash(peer), PeerURLs: []string{peer}})
		}
		w.clusters[id] = c
	}
	mine := w.clusters[id].find(w.peerURL(h))
	if mine == nil || mine.started() {
		w.t.Errorf("%s begins anew in a cluster that knew it", h.name)
		return false
	}
	h.cluster, mine.Name = id, h.name
	h.Put(walPath, wal(mine.ID, id))
	if len(w.clusters) > 1 {
		w.t.Errorf("%s founds a second cluster: %s", h.name, b.Cluster)
	}
	return true
}

// expects is the cluster that waits for a host, found by asking its members.
func (w *world) expects(h *worldHost) uint64 {
	for _, other := range w.hosts {
		if other.up && w.clusters[other.cluster].find(w.peerURL(h)) != nil {
			return other.cluster
		}
	}
	return 0
}

func (c *worldCluster) find(peer string) *Listed {
	for i := range c.listed {
		if c.listed[i].PeerURLs[0] == peer {
			return &c.listed[i]
		}
	}
	return nil
}

func (w *world) quorum(id uint64) bool {
	up := 0
	for _, h := range w.hosts {
		if h.up && h.cluster == id {
			up++
		}
	}
	return id != 0 && up > len(w.clusters[id].listed)/2
}

// elect lets the members publish where they are, once there is a quorum.
func (w *world) elect(id uint64) {
	if !w.quorum(id) {
		return
	}
	w.clusters[id].founded = true
	for address, h := range w.hosts {
		if h.up && h.cluster == id {
			w.clusters[id].find(w.peerURL(h)).ClientURLs = []string{"http://" + address + ":2379"}
		}
	}
}

func (w *world) peerURL(h *worldHost) string { return "http://10.0.0." + h.name[2:] + ":2380" }

func (w *world) serve(r modules.Request) (*modules.Response, error) {
	u, err := url.Parse(r.URL)
	if err != nil {
		return nil, err
	}
	w.lock.Lock()
	h := w.hosts[u.Hostname()]
	up, id := h.up, h.cluster
	w.lock.Unlock()
	if !up {
		if text := h.Announced(u.Host, u.Path); text != "" {
			return &modules.Response{Status: 200, Header: map[string]string{}, Body: []byte(text)}, nil
		}
		return nil, errors.New("connection refused")
	}
	w.lock.Lock()
	defer w.lock.Unlock()
	switch u.Path {
	case "/members":
		response := answer(200, peerList(w.clusters[id].listed))
		response.Header["X-Etcd-Cluster-Id"] = clusterID(id)
		return response, nil
	case "/health":
		return answer(200, map[string]string{"health": fmt.Sprint(w.quorum(id))}), nil
	case "/v3/maintenance/status":
		return answer(200, map[string]any{"header": map[string]string{"cluster_id": number(id)}}), nil
	}
	return answer(404, "404 page not found"), nil
}

// reboot takes the power from a host and gives it back.
func (w *world) reboot(h *worldHost) {
	h.Delete("/run/pgrun/etcd-orders.start")
	h.SetUnit(modules.Unit{Name: unit, ActiveState: "inactive", UnitFileState: "enabled"})
	w.lock.Lock()
	h.up = false
	w.lock.Unlock()
	if h.cluster != 0 {
		if err := h.Job(context.Background(), unit, "start"); err != nil {
			w.t.Error(err)
		}
	}
}

func hash(text string) uint64 {
	sum := fnv.New64a()
	_, _ = sum.Write([]byte(text))
	return sum.Sum64()
}
