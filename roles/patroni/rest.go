package patroni

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// What Patroni and etcd answer with.
const (
	statusOK                 = 200
	statusAccepted           = 202
	statusUnauthorized       = 401
	statusConflict           = 409
	statusPreconditionFailed = 412
	statusUnavailable        = 503
)

// restDeadline is for an answer that Patroni has in memory.
const restDeadline = 4 * time.Second

// A new password counts when Patroni has been round its loop after the reload,
// which takes 20 s where it is slowest.
const (
	passwordPatience = 25 * time.Second
	passwordPause    = 500 * time.Millisecond
)

// address is where a member's REST API answers.
func address(p runner.Peer) (string, error) {
	port, err := patroniPort(p)
	if err != nil {
		return "", err
	}
	return "http://" + hostPort(p.Address, port), nil
}

// get reads JSON from a member's REST API. Patroni answers some questions
// with 503 and a full body, so the status does not count.
func get(ctx context.Context, r modules.Reader, p runner.Peer, path string, into any) error {
	base, err := address(p)
	if err != nil {
		return err
	}
	response, err := r.Get(ctx, modules.Request{URL: base + path, Deadline: restDeadline})
	if err != nil {
		return fmt.Errorf("the REST API of %s: %w", p.Name, err)
	}
	if err := json.Unmarshal(response.Body, into); err != nil {
		return fmt.Errorf("the REST API of %s answers %s with %d and no JSON: %w", p.Name, path, response.Status, err)
	}
	return nil
}

// call sends a request that changes something to a member's REST API.
func (r *Role) call(ctx context.Context, h modules.Host, p runner.Peer, method, path string, body any, deadline time.Duration) (*modules.Response, error) {
	base, err := address(p)
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	request := modules.Request{
		Method: method, URL: base + path, Body: text,
		Header:   map[string]string{"Content-Type": "application/json"},
		User:     restapiUser,
		Password: r.RestapiPassword.Reveal(), Deadline: deadline,
	}
	for end := time.Now().Add(passwordPatience); ; {
		response, err := h.Send(ctx, request)
		if err != nil {
			return nil, fmt.Errorf("%s %s of %s: %w", method, path, p.Name, err)
		}
		if response.Status != statusUnauthorized {
			return response, nil
		}
		if time.Now().After(end) {
			return nil, modules.Hint(fmt.Errorf("%s %s of %s: the password was refused", method, path, p.Name),
				"patroni.restapi_password differs from what that host's Patroni has; run site.yml on all hosts of the group postgres")
		}
		if err := pause(ctx, passwordPause); err != nil {
			return nil, err
		}
	}
}

// answered is a failure that tells what Patroni said; a page for browsers says
// no more than the status.
func answered(what string, response *modules.Response) error {
	said := strings.TrimSpace(string(response.Body))
	if said == "" || said[0] == '<' {
		return fmt.Errorf("%s: Patroni answered %d", what, response.Status)
	}
	return fmt.Errorf("%s: Patroni answered %d: %s", what, response.Status, said)
}
