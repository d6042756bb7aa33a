package patroni

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// clusterState is GET /cluster: what a member reads in etcd.
type clusterState struct {
	Members    []member        `json:"members"`
	Pause      bool            `json:"pause"`
	Switchover json.RawMessage `json:"scheduled_switchover"`
}

// member is a member as it described itself in etcd, at most loop_wait ago.
type member struct {
	Name           string          `json:"name"`
	Role           string          `json:"role"`
	State          string          `json:"state"`
	Port           int             `json:"port"` // of PostgreSQL; 0 is not known
	Timeline       int             `json:"timeline"`
	Lag            lag             `json:"lag"`
	PendingRestart bool            `json:"pending_restart"`
	Restart        json.RawMessage `json:"scheduled_restart"`
	Tags           map[string]any  `json:"tags"`
}

// lag is in bytes; -1 is unknown.
type lag int64

// UnmarshalJSON takes the text "unknown" too.
func (l *lag) UnmarshalJSON(text []byte) error {
	var bytes int64
	if err := json.Unmarshal(text, &bytes); err != nil {
		*l = -1
		return nil
	}
	*l = lag(bytes)
	return nil
}

func (l lag) String() string {
	if l < 0 {
		return "of unknown length"
	}
	return fmt.Sprintf("of %d bytes", int64(l))
}

// nodeState is GET /patroni: what a member knows of itself at this moment.
type nodeState struct {
	State          string          `json:"state"`
	Role           string          `json:"role"`
	ServerVersion  int             `json:"server_version"`
	Timeline       int             `json:"timeline"`
	Started        string          `json:"postmaster_start_time"`
	PendingRestart bool            `json:"pending_restart"`
	Reason         map[string]any  `json:"pending_restart_reason"`
	Restart        json.RawMessage `json:"scheduled_restart"`
	Senders        []sender        `json:"replication"`
	SystemID       string          `json:"database_system_identifier"`
	Pause          bool            `json:"pause"`
	Unlocked       bool            `json:"cluster_unlocked"`
	Tags           map[string]any  `json:"tags"`
	Patroni        struct {
		Version string `json:"version"`
		Scope   string `json:"scope"`
	} `json:"patroni"`
}

// sender is a replica as the server that it streams from sees it.
type sender struct {
	Name  string `json:"application_name"`
	State string `json:"state"`
	Sync  string `json:"sync_state"`
}

// primary says whether the node takes writes; Patroni 3 says master.
func (n nodeState) primary() bool { return n.Role == "primary" || n.Role == "master" }

// member returns a member by name.
func (c clusterState) member(name string) (member, bool) {
	i := slices.IndexFunc(c.Members, func(m member) bool { return m.Name == name })
	if i < 0 {
		return member{}, false
	}
	return c.Members[i], true
}

// leaders are the names of the members that lead.
func (c clusterState) leaders() []string {
	var names []string
	for _, m := range c.Members {
		if m.leads() {
			names = append(names, m.Name)
		}
	}
	return names
}

// leader is the name of the one leader; "" when there is none or several.
func (c clusterState) leader() string {
	if names := c.leaders(); len(names) == 1 {
		return names[0]
	}
	return ""
}

func (m member) leads() bool { return m.Role == "leader" || m.Role == "standby_leader" }

// synchronous says whether commits may wait for the member.
func (m member) synchronous() bool { return m.Role == "sync_standby" || m.Role == "quorum_standby" }

// streams says whether a replica is up and receives the WAL. Patroni before
// 3.0.4 has no word for streaming: there the leader's senders tell.
func (m member) streams(senders []sender) bool {
	if m.State == "streaming" {
		return true
	}
	return m.State == "running" && slices.ContainsFunc(senders, func(s sender) bool { return s.Name == m.Name && s.State == "streaming" })
}

// view is everything that the members say at one moment.
type view struct {
	Clusters map[string]clusterState // GET /cluster, by who answered
	Nodes    map[string]nodeState    // GET /patroni
	Silent   map[string]error        // who did not answer
}

// look asks every member of the inventory.
func look(ctx context.Context, r modules.Reader, peers []runner.Peer) view {
	type answer struct {
		name    string
		cluster clusterState
		node    nodeState
		err     error
	}
	answers := make(chan answer, len(peers))
	for _, p := range peers {
		go func() {
			a := answer{name: p.Name}
			if a.err = get(ctx, r, p, "/patroni", &a.node); a.err == nil {
				a.err = get(ctx, r, p, "/cluster", &a.cluster)
			}
			answers <- a
		}()
	}
	v := view{Clusters: map[string]clusterState{}, Nodes: map[string]nodeState{}, Silent: map[string]error{}}
	for range peers {
		a := <-answers
		if a.err != nil {
			v.Silent[a.name] = a.err
			continue
		}
		v.Clusters[a.name], v.Nodes[a.name] = a.cluster, a.node
	}
	return v
}

// senders are all replicas that some member sends to.
func (v view) senders() []sender {
	var all []sender
	for _, n := range v.Nodes {
		all = append(all, n.Senders...)
	}
	return all
}
