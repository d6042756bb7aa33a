package patroni

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"regexp"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/roles/postgres"
	"github.com/pgrun/pgrun/runner"
)

var systemID = regexp.MustCompile(`(?m)^Database system identifier:\s*(\d+)\s*$`)

// refuseForeignData refuses where the data folder is of another cluster than
// the one whose identity lies in etcd. Patroni itself would not start then,
// and pgrun deletes neither.
func refuseForeignData(ctx context.Context, t *runner.Target, namespace string, paths postgres.Paths) error {
	var here, there string
	known, err := t.Known(ctx, "the data's system identifier", func(ctx context.Context) (err error) {
		here, err = dataID(ctx, t, paths)
		return err
	})
	if err != nil || !known || here == "" {
		return err
	}
	known, err = t.Known(ctx, "the cluster's system identifier in etcd", func(ctx context.Context) (err error) {
		there, err = clusterID(ctx, t.Observer, namespace)
		return err
	})
	if err != nil || !known {
		return err
	}
	if there != "" && here != there {
		return runner.Refuse("the data in %s has the system identifier %s, and the cluster %s in etcd has %s: they are two clusters. "+
			"If this host's data is not needed, move %s away and run again; if etcd's entry is left over, give the cluster another name",
			paths.Data, here, t.Cluster, there, paths.Data)
	}
	return nil
}

// dataID is the system identifier of the data folder; "" is no data.
func dataID(ctx context.Context, r modules.Reader, paths postgres.Paths) (string, error) {
	_, err := r.Lstat(ctx, paths.Data+"/global/pg_control")
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	result, err := r.Query(ctx, modules.Command{Argv: []string{paths.Bin + "/pg_controldata", paths.Data}, Env: []string{"LC_ALL=C"}})
	if err != nil {
		return "", err
	}
	found := systemID.FindSubmatch(result.Stdout)
	if found == nil {
		return "", fmt.Errorf("pg_controldata of %s prints no system identifier", paths.Data)
	}
	return string(found[1]), nil
}

// clusterID is Patroni's key initialize; "" is a cluster that was never made.
func clusterID(ctx context.Context, o *runner.Observer, namespace string) (string, error) {
	key := namespace + "/" + o.Cluster + "/initialize"
	body, err := json.Marshal(map[string]string{"key": base64.StdEncoding.EncodeToString([]byte(key))})
	if err != nil {
		return "", err
	}
	err = errors.New("no member of etcd is known")
	for _, host := range etcdMembers(o.View) {
		var response *modules.Response
		response, err = o.Get(ctx, modules.Request{
			Method: "POST", URL: etcdScheme(o.View) + "://" + host + "/v3/kv/range", Body: body, Deadline: restDeadline,
		})
		if err != nil {
			continue
		}
		if response.Status != statusOK {
			err = answered("reading "+key+" in etcd", response)
			continue
		}
		return rangeValue(response.Body)
	}
	return "", err
}

// rangeValue is the one value in an answer of etcd's JSON gateway.
func rangeValue(body []byte) (string, error) {
	var answer struct {
		KVs []struct {
			Value []byte `json:"value"`
		} `json:"kvs"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return "", fmt.Errorf("etcd's answer: %w", err)
	}
	if len(answer.KVs) == 0 {
		return "", nil
	}
	return string(answer.KVs[0].Value), nil
}
