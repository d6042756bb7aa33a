package patroni

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/roles/etcd/api"
	"github.com/pgrun/pgrun/roles/postgres"
	"github.com/pgrun/pgrun/runner"
)

// departs is the variable that names the host to remove.
const departs = "host"

// tellingFor is how long etcd may take to answer a host on which Patroni runs.
const tellingFor = 15 * time.Second

// memberKey is what a member keeps in etcd about itself, renewed at each of its
// loops: it ends with the lease, ttl seconds after its Patroni did.
type memberKey struct {
	Lease string // "" and "0" are none: it was left by hand, or by another version
	State string `json:"state"`
	Role  string `json:"role"`
}

// members are the keys of Patroni's members, by name.
func (r *Role) memberKeys(ctx context.Context, send api.Sender, v *runner.View) (map[string]memberKey, error) {
	prefix := r.prefix(v) + "members/"
	var out struct {
		KVs []struct {
			Key, Value []byte
			Lease      string
		}
	}
	in := map[string]any{"key": []byte(prefix), "range_end": []byte(prefix[:len(prefix)-1] + "0")} // what comes after the slash
	if err := ask(ctx, send, v, "/v3/kv/range", in, &out); err != nil {
		return nil, fmt.Errorf("read Patroni's members in etcd: %w", err)
	}
	keys := map[string]memberKey{}
	for _, kv := range out.KVs {
		key := memberKey{}
		_ = json.Unmarshal(kv.Value, &key) // what it says of itself is for the operator only
		key.Lease = kv.Lease
		keys[strings.TrimPrefix(string(kv.Key), prefix)] = key
	}
	return keys, nil
}

func (r *Role) prefix(v *runner.View) string { return r.Namespace + "/" + v.Cluster + "/" }

// members is the action that refuses a run before it changes anything: where
// Patroni has members that the inventory does not, and where this host's
// identity would change.
func (r *Role) members(ctx context.Context, t *runner.Target) error {
	if !t.Host.In("postgres") {
		return nil
	}
	pg, c := postgresSection(t.View), clusterSection(t.View)
	if err := pg.RefuseOtherMajor(ctx, t, c.PostgresVersion, t.Cluster); err != nil {
		return err
	}
	if err := r.refuseOtherMember(ctx, t, pg.Paths(c.PostgresVersion, t.Cluster)); err != nil {
		return err
	}
	keys, err := r.told(ctx, t)
	if err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		// Apply asks again, once etcd serves, and goes no further before it knows.
		t.Skip(ctx, "members of Patroni", "not known before etcd runs: "+err.Error())
		return nil
	}
	return refuseStrangers(t.Observer, keys)
}

func (r *Role) told(ctx context.Context, t *runner.Target) (map[string]memberKey, error) {
	for end := time.Now().Add(tellingFor); ; {
		keys, err := r.memberKeys(ctx, t.Get, t.View)
		if err == nil {
			return keys, nil
		}
		unit, unitErr := t.Unit(ctx, unitName)
		if unitErr != nil || unit.ActiveState != "active" || time.Now().After(end) {
			return nil, errors.Join(err, unitErr)
		}
		if err := pause(ctx, wordsEvery); err != nil {
			return nil, err
		}
	}
}

// knowsStrangers waits for etcd: members that cannot be read are not none.
func (r *Role) knowsStrangers(ctx context.Context, t *runner.Target) error {
	var keys map[string]memberKey
	if err := t.Ensure(ctx, modules.Until{Name: "Patroni's members are known", Met: func(ctx context.Context, reader modules.Reader) (_ string, err error) {
		keys, err = r.memberKeys(ctx, reader.Get, t.View)
		return "", err
	}}); err != nil {
		return err
	}
	return refuseStrangers(t.Observer, keys)
}

// refuseForeign refuses members that are not the inventory's, and data that is
// not the cluster's.
func (r *Role) refuseForeign(ctx context.Context, t *runner.Target, paths postgres.Paths) error {
	if err := r.knowsStrangers(ctx, t); err != nil {
		return err
	}
	return r.refuseForeignData(ctx, t, paths)
}

func refuseStrangers(o *runner.Observer, keys map[string]memberKey) error {
	known := append(groupNames(o.View), o.Given[departs])
	var refusals []string
	for _, name := range sortedNames(keys) {
		if !slices.Contains(known, name) {
			refusals = append(refusals, stranger(name))
		}
	}
	return refuse(refusals)
}

// stranger says what to do about a member that the inventory does not have.
func stranger(name string) string {
	return fmt.Sprintf("%s is a member of the cluster, and the inventory does not have it in the group postgres: it can become the leader, and no balancer would lead to it. "+
		"Bring it back into the inventory, or take it out of the cluster: `pgrun remove-node.yml -e host=%s`", name, name)
}

func groupNames(v *runner.View) []string {
	var names []string
	for _, p := range v.Group("postgres") {
		names = append(names, p.Name)
	}
	return names
}
