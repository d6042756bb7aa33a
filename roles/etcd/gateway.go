package etcd

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/pgrun/pgrun/modules"
)

// What HTTP calls the answers that are told apart here.
const (
	statusOK          = 200
	statusTooMany     = 429
	statusUnavailable = 503
	statusTimeout     = 504
)

// sender sends a request: Reader.Get for what only reads, Host.Send else.
type sender func(ctx context.Context, r modules.Request) (*modules.Response, error)

// gateway speaks etcd's JSON gateway with the first endpoint that answers.
type gateway struct {
	send      sender
	endpoints []string
	deadline  time.Duration // of one try with one endpoint; 0 is callDeadline
}

const (
	// callDeadline is longer than an election.
	callDeadline = 5 * time.Second
	// inspectDeadline is for questions to all members, of which one may be gone.
	inspectDeadline = 2 * time.Second
)

// refusal is an error that etcd itself gave.
type refusal struct {
	status  int
	message string
}

func (e *refusal) Error() string { return e.message }

// call tries the endpoints in turn. Another endpoint is asked when one does
// not answer or has no quorum, never when etcd refused the call itself.
func (g gateway) call(ctx context.Context, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	if len(g.endpoints) == 0 {
		return errors.New("no etcd member to ask")
	}
	var all []error
	for _, endpoint := range g.endpoints {
		err := g.one(ctx, endpoint+path, body, out)
		var refused *refusal
		if err == nil || errors.As(err, &refused) && !refused.elsewhere() {
			return err
		}
		all = append(all, fmt.Errorf("%s: %w", endpoint, err))
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(all...)
}

func (g gateway) one(ctx context.Context, address string, body []byte, out any) error {
	response, err := g.send(ctx, modules.Request{
		Method: "POST", URL: address, Body: body, Deadline: cmp.Or(g.deadline, callDeadline),
		Header: map[string]string{"Content-Type": "application/json"},
	})
	if err != nil {
		return err
	}
	if response.Status != statusOK {
		return refused(response)
	}
	if err := json.Unmarshal(response.Body, out); err != nil {
		return fmt.Errorf("answer of etcd: %w", err)
	}
	return nil
}

func refused(response *modules.Response) error {
	var answer struct{ Error, Message string }
	_ = json.Unmarshal(response.Body, &answer) // the status says enough when it is no JSON
	if answer.Error == "" {
		answer.Error = answer.Message
	}
	if answer.Error == "" {
		answer.Error = fmt.Sprintf("status %d", response.Status)
	}
	return &refusal{status: response.Status, message: answer.Error}
}

// elsewhere says whether another member may answer better.
func (e *refusal) elsewhere() bool {
	return e.status == statusUnavailable || e.status == statusTimeout ||
		e.status == statusTooMany || strings.Contains(e.message, "no leader") ||
		strings.Contains(e.message, "timed out") || strings.Contains(e.message, "not supported for learner") ||
		strings.Contains(e.message, "leader changed")
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
