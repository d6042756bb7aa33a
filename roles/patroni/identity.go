package patroni

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
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
	var made bool
	known, err := t.Known(ctx, "the data's system identifier", func(ctx context.Context) (err error) {
		here, err = dataID(ctx, t, paths)
		return err
	})
	if err != nil || !known || here == "" {
		return err
	}
	known, err = t.Known(ctx, "the cluster's system identifier in etcd", func(ctx context.Context) (err error) {
		there, made, err = clusterID(ctx, t.Observer, namespace)
		return err
	})
	if err != nil || !known {
		return err
	}
	if there == "" {
		return refuseUnknownData(ctx, t, here, made, paths)
	}
	if here != there {
		return runner.Refuse("the data in %s has the system identifier %s, and the cluster %s in etcd has %s: they are two clusters. "+
			"If this host's data is not needed, move %s away and run again; if etcd's entry is left over, give the cluster another name",
			paths.Data, here, t.Cluster, there, paths.Data)
	}
	return nil
}

// refuseUnknownData refuses to start where there is data, and etcd does not
// know whose: whoever is started first then leads with what it has, and that
// need not be the newest. A Patroni that runs has decided that already.
func refuseUnknownData(ctx context.Context, t *runner.Target, here string, beingMade bool, paths postgres.Paths) error {
	unit, err := t.Unit(ctx, unitName)
	if err != nil || unit.ActiveState == "active" || unit.ActiveState == "reloading" {
		return err
	}
	if beingMade {
		return runner.Refuse("%s holds data (system identifier %s), and the cluster %s is being made on another host, or that broke off. "+
			"If this data is not needed, move it away and run again; if it is the cluster's, stop Patroni on the other hosts, run `systemctl start patroni` here, see that it leads, and run again",
			paths.Data, here, t.Cluster)
	}
	return runner.Refuse("%s holds data (system identifier %s), and etcd knows nothing of a cluster %s. "+
		"If etcd's data was lost: find the host with the newest data, run `systemctl start patroni` there, see that it leads, and run again. "+
		"If this data is not needed, move it away and run again", paths.Data, here, t.Cluster)
}

// dataID is the system identifier of the data folder; "" is no data.
func dataID(ctx context.Context, r modules.Reader, paths postgres.Paths) (string, error) {
	there, err := holdsData(ctx, r, paths.Data)
	if err != nil || !there {
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

// clusterID is Patroni's key initialize. Without it the cluster was never
// made; while it is being made the key is there and empty.
func clusterID(ctx context.Context, o *runner.Observer, namespace string) (id string, made bool, err error) {
	key := namespace + "/" + o.Cluster + "/initialize"
	body, err := json.Marshal(map[string]string{"key": base64.StdEncoding.EncodeToString([]byte(key))})
	if err != nil {
		return "", false, err
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
	return "", false, err
}

// rangeValue is the one value in an answer of etcd's JSON gateway, and whether
// there is one.
func rangeValue(body []byte) (value string, there bool, err error) {
	var answer struct {
		KVs []struct {
			Value []byte `json:"value"`
		} `json:"kvs"`
	}
	if err := json.Unmarshal(body, &answer); err != nil {
		return "", false, fmt.Errorf("etcd's answer: %w", err)
	}
	if len(answer.KVs) == 0 {
		return "", false, nil
	}
	return string(answer.KVs[0].Value), true, nil
}
