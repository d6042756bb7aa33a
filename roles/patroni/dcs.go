package patroni

import (
	"context"
	"fmt"

	"github.com/pgrun/pgrun/roles/etcd/api"
	"github.com/pgrun/pgrun/runner"
)

// found is what etcd's JSON gateway answers to a range. It writes bytes in
// base64 and numbers as texts.
type found struct {
	KVs []struct {
		Key, Value []byte
		Revision   int64 `json:"mod_revision,string"`
	}
}

// ask puts a question to etcd, to one member after the other until one can
// answer it.
func ask(ctx context.Context, send api.Sender, v *runner.View, path string, in, out any) error {
	var endpoints []string
	for _, host := range etcdMembers(v) {
		endpoints = append(endpoints, etcdScheme(v)+"://"+host)
	}
	return api.Gateway{Send: send, Endpoints: endpoints, Deadline: restDeadline}.Call(ctx, path, in, out)
}

// clusterID is Patroni's key initialize. Without it the cluster was never
// made; while it is being made the key is there and empty.
func clusterID(ctx context.Context, send api.Sender, v *runner.View, namespace string) (id string, made bool, err error) {
	key := namespace + "/" + v.Cluster + "/initialize"
	var out found
	if err := ask(ctx, send, v, "/v3/kv/range", map[string]any{"key": []byte(key)}, &out); err != nil {
		return "", false, fmt.Errorf("read %s in etcd: %w", key, err)
	}
	if len(out.KVs) == 0 {
		return "", false, nil
	}
	return string(out.KVs[0].Value), true, nil
}
