package etcd

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pgrun/pgrun/modules"
)

// noDataPath is where a member without data answers, on its own peer port.
// Etcd serves nothing there, so that an answer can only come from pgrun.
const noDataPath = "/pgrun/etcd/no-data"

// lookDeadline bounds one question to one member.
const lookDeadline = 2 * time.Second

// notice is what a member without data tells the others.
type notice struct {
	Cluster  string   `json:"cluster"`
	Host     string   `json:"host"`
	Founders string   `json:"founders"` // whom it would found a cluster with
	Marker   string   `json:"marker,omitempty"`
	Seen     []string `json:"seen"` // whom it saw without data, or running
}

// lookAtAll asks the other members at the same time.
func lookAtAll(ctx context.Context, get sender, cluster string, others []Member) map[string]Evidence {
	var (
		all   = make(map[string]Evidence, len(others))
		lock  sync.Mutex
		group sync.WaitGroup
	)
	for _, m := range others {
		group.Go(func() {
			e := look(ctx, get, cluster, m)
			lock.Lock()
			defer lock.Unlock()
			all[m.Name] = e
		})
	}
	group.Wait()
	return all
}

func look(ctx context.Context, get sender, cluster string, m Member) Evidence {
	response, err := get(ctx, modules.Request{URL: m.PeerURL + noDataPath, Deadline: lookDeadline})
	if err != nil {
		return Evidence{Why: err.Error()}
	}
	if response.Status == statusOK {
		return readNotice(response.Body, cluster, m)
	}
	response, err = get(ctx, modules.Request{URL: m.PeerURL + "/members", Deadline: lookDeadline})
	if err != nil {
		return Evidence{Why: err.Error()}
	}
	return readMembers(ctx, get, response, m)
}

func readNotice(body []byte, cluster string, m Member) Evidence {
	var n notice
	switch err := json.Unmarshal(body, &n); {
	case err != nil:
		return Evidence{Sight: Foreign, Why: "its answer is not pgrun's: " + err.Error()}
	case n.Cluster != cluster || n.Host != m.Name:
		return Evidence{Sight: Foreign, Why: fmt.Sprintf("at %s answers %s of cluster %s", m.PeerURL, n.Host, n.Cluster)}
	}
	return Evidence{Sight: NoData, Founders: n.Founders, Marker: n.Marker, Seen: n.Seen}
}

// readMembers reads what etcd serves on its peer port, before a quorum too.
func readMembers(ctx context.Context, get sender, response *modules.Response, m Member) Evidence {
	var members []struct {
		ID         uint64   `json:"id"`
		Name       string   `json:"name"`
		PeerURLs   []string `json:"peerURLs"`
		ClientURLs []string `json:"clientURLs"`
		Learner    bool     `json:"isLearner"`
	}
	id, err := strconv.ParseUint(headerOf(response, "X-Etcd-Cluster-Id"), 16, 64)
	if err != nil || response.Status != statusOK || json.Unmarshal(response.Body, &members) != nil {
		return Evidence{Sight: Foreign, Why: fmt.Sprintf("status %d at %s/members", response.Status, m.PeerURL)}
	}
	e := Evidence{Sight: NoQuorum, ClusterID: clusterID(id)}
	for _, l := range members {
		e.Listed = append(e.Listed, Listed{ID: l.ID, Name: l.Name, PeerURLs: l.PeerURLs, ClientURLs: l.ClientURLs, Learner: l.Learner})
	}
	ok, _ := healthy(ctx, get, m.ClientURL)
	switch {
	case ok:
		e.Sight = Healthy
	case !slices.ContainsFunc(e.Listed, Listed.started):
		e.Sight = Forming
	}
	return e
}

func headerOf(response *modules.Response, name string) string {
	for key, value := range response.Header {
		if strings.EqualFold(key, name) {
			return value
		}
	}
	return ""
}

// clusterID writes a cluster's id as etcd's own tools do.
func clusterID(id uint64) string { return strconv.FormatUint(id, 16) }
