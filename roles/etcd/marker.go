package etcd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pgrun/pgrun/modules"
)

const markerDir = "/var/lib/pgrun"

// marker is a host's record of the cluster that it was a healthy member of.
type marker struct {
	ClusterID string `json:"cluster_id"`
	Member    string `json:"member"`
}

func (k marker) text() string {
	text, err := json.Marshal(k)
	if err != nil {
		panic(err) // two strings always marshal
	}
	return string(text) + "\n"
}

func (m *machine) readMarker(ctx context.Context, r modules.Reader) (marker, error) {
	text, err := r.ReadFile(ctx, m.marker(), 0)
	if errors.Is(err, fs.ErrNotExist) {
		return marker{}, nil
	}
	if err != nil {
		return marker{}, err
	}
	var k marker
	if err := json.Unmarshal(text, &k); err != nil || k.ClusterID == "" {
		return marker{}, fmt.Errorf("%s cannot be read (%v): it says which etcd cluster this host was a member of; repair it, or remove it if there was none", m.marker(), err)
	}
	return k, nil
}
