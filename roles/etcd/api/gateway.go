// Package api calls etcd's v3 API as JSON over HTTP (its gRPC gateway), for the
// role etcd and for those that keep something in it.
package api

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

// Sender sends a request: Reader.Get for what only reads, Host.Send else.
type Sender func(ctx context.Context, r modules.Request) (*modules.Response, error)

// Gateway speaks etcd's JSON gateway with the first endpoint that answers.
type Gateway struct {
	Send      Sender
	Endpoints []string      // URLs
	Deadline  time.Duration // of one try with one endpoint; 0 is CallDeadline
}

// CallDeadline is longer than an election.
const CallDeadline = 5 * time.Second

// Refusal is an error that etcd itself gave.
type Refusal struct {
	Status  int
	Message string
}

func (e *Refusal) Error() string { return e.Message }

// Call tries the endpoints in turn. Another endpoint is asked when one does
// not answer or has no quorum, never when etcd refused the call itself.
func (g Gateway) Call(ctx context.Context, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	if len(g.Endpoints) == 0 {
		return errors.New("no etcd member to ask")
	}
	var all []error
	for _, endpoint := range g.Endpoints {
		err := g.one(ctx, endpoint+path, body, out)
		var refused *Refusal
		if err == nil || errors.As(err, &refused) && !refused.Elsewhere() {
			return err
		}
		all = append(all, fmt.Errorf("%s: %w", endpoint, err))
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(all...)
}

func (g Gateway) one(ctx context.Context, address string, body []byte, out any) error {
	response, err := g.Send(ctx, modules.Request{
		Method: "POST", URL: address, Body: body, Deadline: cmp.Or(g.Deadline, CallDeadline),
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
	return &Refusal{Status: response.Status, Message: answer.Error}
}

// Elsewhere says whether another member may answer better.
func (e *Refusal) Elsewhere() bool {
	return e.Status == statusUnavailable || e.Status == statusTimeout ||
		e.Status == statusTooMany || strings.Contains(e.Message, "no leader") ||
		strings.Contains(e.Message, "timed out") || strings.Contains(e.Message, "not supported for learner") ||
		strings.Contains(e.Message, "leader changed")
}
