package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"slices"
	"time"
)

// Member is what Patroni's REST API says of one member of the cluster.
type Member struct {
	Name, Role, State string
	Timeline          int
	PendingRestart    bool `json:"pending_restart"`
	Lag               any  // bytes, or "unknown"
	Tags              map[string]any
}

// Running says whether the member serves: as leader or as a replica that follows.
func (m Member) Running() bool { return m.State == "running" || m.State == "streaming" }

// Members asks the first database host that answers.
func (l *Lab) Members(ctx context.Context) ([]Member, error) {
	var errs []error
	for _, h := range l.Databases() {
		members, err := h.members(ctx)
		if err == nil {
			return members, l.followers(ctx, members)
		}
		errs = append(errs, fmt.Errorf("%s: %w", h.Name, err))
	}
	return nil, errors.Join(errs...)
}

// followers calls streaming what the leader streams to: Patroni before 3.0.4 calls every replica running.
func (l *Lab) followers(ctx context.Context, members []Member) error {
	leader := Leader(members)
	if leader == nil || !slices.ContainsFunc(members, func(m Member) bool { return m.Name != leader.Name && m.State == "running" }) {
		return nil
	}
	var status struct {
		Replication []struct {
			Name  string `json:"application_name"`
			State string
		}
	}
	if err := l.Host(leader.Name).get(ctx, "8008", "/patroni", &status); err != nil {
		return err
	}
	for _, r := range status.Replication {
		for i := range members {
			if members[i].Name == r.Name && members[i].State == "running" {
				members[i].State = r.State
			}
		}
	}
	return nil
}

// members asks from outside, as a monitoring system would.
func (h *Host) members(ctx context.Context) ([]Member, error) {
	var cluster struct{ Members []Member }
	err := h.get(ctx, "8008", "/cluster", &cluster)
	return cluster.Members, err
}

// Patroni is the version of the Patroni that runs on the host.
func (h *Host) Patroni(ctx context.Context) (string, error) {
	var status struct{ Patroni struct{ Version string } }
	err := h.get(ctx, "8008", "/patroni", &status)
	return status.Patroni.Version, err
}

func (h *Host) get(ctx context.Context, port, path string, into any) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort(h.Address.String(), port)+path, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", path, response.Status)
	}
	return json.NewDecoder(http.MaxBytesReader(nil, response.Body, 1<<20)).Decode(into)
}

// Leader is the member that takes writes, or nil.
func Leader(members []Member) *Member {
	for i := range members {
		if members[i].Role == "leader" && members[i].Running() {
			return &members[i]
		}
	}
	return nil
}
