package lab

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"
)

// Member is what Patroni's REST API says of one member of the cluster.
type Member struct {
	Name, Role, State string
	Timeline          int
	PendingRestart    bool `json:"pending_restart"`
	Lag               any  // bytes, or "unknown"
}

// Running says whether the member serves: as leader or as a replica that follows.
func (m Member) Running() bool { return m.State == "running" || m.State == "streaming" }

// Members asks the first database host that answers.
func (l *Lab) Members(ctx context.Context) ([]Member, error) {
	var errs []error
	for _, h := range l.Databases() {
		members, err := h.members(ctx)
		if err == nil {
			return members, nil
		}
		errs = append(errs, fmt.Errorf("%s: %w", h.Name, err))
	}
	return nil, errors.Join(errs...)
}

// members asks from outside, as a monitoring system would.
func (h *Host) members(ctx context.Context) ([]Member, error) {
	var cluster struct{ Members []Member }
	err := h.get(ctx, "8008", "/cluster", &cluster)
	return cluster.Members, err
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
