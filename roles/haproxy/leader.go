package haproxy

import (
	"context"
	"encoding/json"
	"net"
	"slices"
	"strconv"
	"time"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/roles/published"
	"github.com/pgrun/pgrun/runner"
)

// clusterDeadline is for an answer that Patroni has in memory.
const clusterDeadline = 2 * time.Second

// refuseUnknownLeader refuses to wait for a writer where a host leads that this
// balancer does not have: none of its servers will ever be one.
func (r *Role) refuseUnknownLeader(ctx context.Context, o *runner.Observer) error {
	missing, err := r.withoutWriter(ctx, o)
	if err == nil && missing == "" {
		return nil
	}
	var known []string
	for _, p := range o.Group("postgres") {
		known = append(known, p.Name)
	}
	for _, p := range o.Group("postgres") {
		leader, ok := leaderBy(ctx, o, p)
		switch {
		case !ok || leader == "":
		case slices.Contains(known, leader):
			return nil
		default:
			return runner.Refuse("%s leads and is not in the inventory, so the writes port leads to no server. Bring %s back into the group postgres, "+
				"or take it out of the cluster: `pgrun remove-node.yml -e host=%s`", leader, leader, leader)
		}
	}
	return nil
}

// leaderBy is who leads by a member's word.
func leaderBy(ctx context.Context, r modules.Reader, p runner.Peer) (leader string, ok bool) {
	patroni, ok := published.PatroniOf(p)
	if !ok {
		return "", false
	}
	address := net.JoinHostPort(p.Address.String(), strconv.Itoa(patroni.RESTPort))
	response, err := r.Get(ctx, modules.Request{URL: "http://" + address + "/cluster", Deadline: clusterDeadline})
	if err != nil {
		return "", false
	}
	var cluster struct {
		Members []struct{ Name, Role string }
	}
	if err := json.Unmarshal(response.Body, &cluster); err != nil {
		return "", false
	}
	for _, m := range cluster.Members {
		if m.Role == "leader" || m.Role == "standby_leader" {
			return m.Name, true
		}
	}
	return "", true
}
