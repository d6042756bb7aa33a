package etcd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
	"gopkg.in/yaml.v3"
)

// former is what a member's configuration says that it was so far.
type former struct {
	Token   string `yaml:"initial-cluster-token"`
	DataDir string `yaml:"data-dir"`
}

func readFormer(ctx context.Context, r modules.Reader) (former, error) {
	var f former
	text, err := r.ReadFile(ctx, configPath, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err == nil {
		err = yaml.Unmarshal(text, &f)
	}
	if err != nil {
		return f, fmt.Errorf("%s says which member this host is: %w", configPath, err)
	}
	return f, nil
}

// refuseOtherName refuses a host whose etcd belongs to a cluster of another
// name: under the new one it would look like a host without data.
func (m *machine) refuseOtherName(ctx context.Context, r modules.Reader) error {
	f, err := readFormer(ctx, r)
	if err != nil || f.Token == "" || f.Token == m.view.Cluster {
		return err
	}
	names, err := r.ReadDir(ctx, f.DataDir+"/member/wal")
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(names) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	return runner.Refuse("etcd of %s is a member of the cluster %q (%s), with data in %s, and the inventory says %q: cluster.name cannot be changed once the cluster exists. "+
		"Put %q back. If this host shall leave that cluster for another, take it out there first (`pgrun remove-node.yml -e host=%s` with that cluster's inventory) and move %s away",
		m.me.Name, f.Token, configPath, f.DataDir, m.view.Cluster, f.Token, m.me.Name, f.DataDir)
}
