package etcd

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/roles/etcd/api"
)

const (
	statusOK     = 200
	callDeadline = api.CallDeadline
	// inspectDeadline is for questions to all members, of which one may be gone.
	inspectDeadline = 2 * time.Second
)

type sender = api.Sender

// gateway is what the members say through the JSON gateway.
type gateway struct {
	send      sender
	endpoints []string
	deadline  time.Duration // of one try with one endpoint; 0 is callDeadline
}

func (g gateway) call(ctx context.Context, path string, in, out any) error {
	return api.Gateway{Send: g.send, Endpoints: g.endpoints, Deadline: g.deadline}.Call(ctx, path, in, out)
}

// header is what every answer of the gateway begins with.
type header struct {
	ClusterID uint64 `json:"cluster_id,string"`
	MemberID  uint64 `json:"member_id,string"`
}

// status is what a member says of itself.
type status struct {
	Header           header   `json:"header"`
	Version          string   `json:"version"`
	Leader           uint64   `json:"leader,string"`
	RaftIndex        uint64   `json:"raftIndex,string"`
	RaftAppliedIndex uint64   `json:"raftAppliedIndex,string"`
	DBSize           int64    `json:"dbSize,string"`
	Errors           []string `json:"errors"`
	Learner          bool     `json:"isLearner"`
}

func (s status) leads() bool { return s.Leader != 0 && s.Leader == s.Header.MemberID }

func (g gateway) status(ctx context.Context) (status, error) {
	var s status
	err := g.call(ctx, "/v3/maintenance/status", struct{}{}, &s)
	return s, err
}

// memberList is how the gateway lists members.
type memberList struct {
	Header  header `json:"header"`
	Members []struct {
		ID         uint64   `json:"ID,string"`
		Name       string   `json:"name"`
		PeerURLs   []string `json:"peerURLs"`
		ClientURLs []string `json:"clientURLs"`
		Learner    bool     `json:"isLearner"`
	} `json:"members"`
}

// members is the list that a quorum agrees on, from 3.5 on; 3.4 answers with
// what the member itself knows.
func (g gateway) members(ctx context.Context) (id uint64, listed []Listed, err error) {
	var list memberList
	if err := g.call(ctx, "/v3/cluster/member/list", map[string]bool{"linearizable": true}, &list); err != nil {
		return 0, nil, fmt.Errorf("list of members: %w", err)
	}
	for _, m := range list.Members {
		listed = append(listed, Listed{ID: m.ID, Name: m.Name, PeerURLs: m.PeerURLs, ClientURLs: m.ClientURLs, Learner: m.Learner})
	}
	return list.Header.ClusterID, listed, nil
}

// healthy says whether a member serves reads that a quorum agrees on; else why
// not.
func healthy(ctx context.Context, get sender, endpoint string) (bool, string) {
	response, err := get(ctx, modules.Request{URL: endpoint + "/health", Deadline: callDeadline})
	if err != nil {
		return false, err.Error()
	}
	var answer struct{ Health, Reason string }
	if err := json.Unmarshal(response.Body, &answer); err != nil {
		return false, fmt.Sprintf("status %d", response.Status)
	}
	if response.Status == statusOK && answer.Health == "true" {
		return true, ""
	}
	return false, "unhealthy " + answer.Reason
}
