package etcd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
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

// refuseOtherRecord keeps a record from being written over by another cluster's.
func (m *machine) refuseOtherRecord(ctx context.Context, r modules.Reader, id string) error {
	mark, err := m.readMarker(ctx, r)
	if err != nil || mark.ClusterID == "" || mark.ClusterID == id {
		return err
	}
	return runner.Refuse("etcd: %s was a member of cluster %s by its own record, and this is cluster %s. If this one counts, remove %s there; if not, stop etcd and move its data away",
		m.me.Name, mark.ClusterID, id, m.marker())
}
