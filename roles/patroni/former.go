package patroni

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/roles/postgres"
	"github.com/pgrun/pgrun/runner"
	"gopkg.in/yaml.v3"
)

// identity is which member of which cluster a configuration makes of a host,
// and which data it has.
type identity struct {
	Scope      string `yaml:"scope"`
	Namespace  string `yaml:"namespace"`
	Name       string `yaml:"name"`
	PostgreSQL struct {
		DataDir string `yaml:"data_dir"`
	} `yaml:"postgresql"`
}

// refuseOtherMember refuses a configuration that would make another member of
// a host than it is. Patroni takes none of that at a reload, but at its next
// start, whoever causes that one: a replica under another namespace would then
// lead there beside the leader that it left, and a leader with another folder
// would begin without its data.
func (r *Role) refuseOtherMember(ctx context.Context, t *runner.Target, paths postgres.Paths) error {
	before, err := readIdentity(ctx, t)
	if err != nil || before.Scope == "" {
		return err
	}
	changes := r.changesOf(before, t.View, paths)
	if len(changes) == 0 {
		return nil
	}
	unit, err := t.Unit(ctx, unitName)
	if err != nil {
		return err
	}
	if !slices.Contains([]string{"inactive", "failed"}, unit.ActiveState) {
		return runner.Refuse("Patroni runs here with another identity than the inventory now says: %s. At its next start it would be another member, "+
			"or without its data. Take the change back; or, where it is meant, hand over where this host leads, `systemctl stop patroni` here, move what has to move, and run again",
			strings.Join(changes, "; "))
	}
	return refuseLeftBehind(ctx, t, before.PostgreSQL.DataDir, paths.Data)
}

// readIdentity reads the configuration that lies on the host; none is empty.
func readIdentity(ctx context.Context, r modules.Reader) (identity, error) {
	var is identity
	text, err := r.ReadFile(ctx, configPath, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return is, nil
	}
	if err == nil {
		err = yaml.Unmarshal(text, &is)
	}
	if err != nil {
		return is, fmt.Errorf("%s says which member this host is: %w", configPath, err)
	}
	return is, nil
}

// changesOf names what differs, each with the key of the inventory.
func (r *Role) changesOf(before identity, v *runner.View, paths postgres.Paths) []string {
	var changes []string
	for _, c := range []struct{ what, key, before, now string }{
		{"the cluster's name", "cluster.name", before.Scope, v.Cluster},
		{"the namespace", "patroni.namespace", before.Namespace, r.Namespace},
		{"the member's name", "the host's name", before.Name, v.Host.Name},
		{"the data folder", "postgres.data_dir and cluster.postgres_version", before.PostgreSQL.DataDir, paths.Data},
	} {
		if c.before != "" && c.before != c.now {
			changes = append(changes, fmt.Sprintf("%s was %s and is %s (%s)", c.what, c.before, c.now, c.key))
		}
	}
	return changes
}

// refuseLeftBehind refuses to go on in an empty folder where the member has
// data in another.
func refuseLeftBehind(ctx context.Context, r modules.Reader, former, now string) error {
	if former == "" || former == now {
		return nil
	}
	was, err := holdsData(ctx, r, former)
	if err != nil || !was {
		return err
	}
	is, err := holdsData(ctx, r, now)
	if err != nil || is {
		return err
	}
	return runner.Refuse("this member's data lies in %s, and the inventory now says %s, where there is none (postgres.data_dir, cluster.name, cluster.postgres_version). "+
		"Move it there, or take the change back; a new major version needs pg_upgrade. If the data is not needed, move %s away and run again", former, now, former)
}

// holdsData says whether a folder is a cluster's.
func holdsData(ctx context.Context, r modules.Reader, folder string) (bool, error) {
	_, err := r.Lstat(ctx, folder+"/global/pg_control")
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}
