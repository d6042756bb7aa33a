package patroni

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// sending is Reader.Get for what only reads, Host.Send else.
type sending func(ctx context.Context, r modules.Request) (*modules.Response, error)

// found is what etcd's JSON gateway answers to a range. It writes bytes in
// base64 and numbers as texts.
type found struct {
	KVs []struct {
		Key, Value []byte
		Revision   int64 `json:"mod_revision,string"`
	}
}

// ask puts a question to etcd's JSON gateway, to one member after the other
// until one answers it.
func ask(ctx context.Context, send sending, v *runner.View, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	err = errors.New("no member of etcd is known")
	for _, host := range etcdMembers(v) {
		var response *modules.Response
		response, err = send(ctx, modules.Request{
			Method: "POST", URL: etcdScheme(v) + "://" + host + path, Body: body, Deadline: restDeadline,
		})
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil {
			continue
		}
		if response.Status != statusOK {
			err = fmt.Errorf("etcd on %s answered %d: %s", host, response.Status, strings.TrimSpace(string(response.Body)))
			continue
		}
		if err := json.Unmarshal(response.Body, out); err != nil {
			return fmt.Errorf("etcd's answer: %w", err)
		}
		return nil
	}
	return err
}

// clusterID is Patroni's key initialize. Without it the cluster was never
// made; while it is being made the key is there and empty.
func clusterID(ctx context.Context, send sending, v *runner.View, namespace string) (id string, made bool, err error) {
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
