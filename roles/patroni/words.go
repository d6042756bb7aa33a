package patroni

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// A word lives under a lease. That a host holds none can change with the next
// disk that is mounted, so it is believed only while the host says it again
// and again. That it holds data is said once, by a run that ends then.
const (
	noneTTL  = time.Minute
	noneSaid = 15 * time.Second // between two times
	dataTTL  = 30 * time.Minute
)

func wordsPrefix(cluster string) string { return "/pgrun/" + cluster + "/postgres/" }

// say tells the other hosts what this one holds, and returns etcd's revision
// of it.
func say(ctx context.Context, h modules.Host, v *runner.View, data string) (int64, error) {
	ttl := dataTTL
	if data == noData {
		ttl = noneTTL
	}
	var lease struct{ ID string }
	if err := ask(ctx, h.Send, v, "/v3/lease/grant", map[string]string{"TTL": strconv.Itoa(int(ttl.Seconds()))}, &lease); err != nil {
		return 0, fmt.Errorf("tell the other hosts through etcd: %w", err)
	}
	var put struct {
		Header struct {
			Revision int64 `json:"revision,string"`
		}
	}
	in := map[string]any{"key": []byte(wordsPrefix(v.Cluster) + v.Host.Name), "value": []byte(data), "lease": lease.ID}
	if err := ask(ctx, h.Send, v, "/v3/kv/put", in, &put); err != nil {
		return 0, fmt.Errorf("tell the other hosts through etcd: %w", err)
	}
	return put.Header.Revision, nil
}

// words are what the hosts said that is still believed, by the host's name.
func words(ctx context.Context, r modules.Reader, v *runner.View) (map[string]word, error) {
	prefix := wordsPrefix(v.Cluster)
	end := prefix[:len(prefix)-1] + "0" // what comes after the slash
	var out found
	if err := ask(ctx, r.Get, v, "/v3/kv/range", map[string]any{"key": []byte(prefix), "range_end": []byte(end)}, &out); err != nil {
		return nil, fmt.Errorf("read in etcd what the other hosts hold: %w", err)
	}
	said := map[string]word{}
	for _, kv := range out.KVs {
		said[strings.TrimPrefix(string(kv.Key), prefix)] = word{data: string(kv.Value), revision: kv.Revision}
	}
	return said, nil
}

// tellOfData is said before a host with data refuses, so that one without does
// not wait for its word. Where it cannot be said, that one refuses later.
func tellOfData(id string, v *runner.View) modules.Module {
	return modules.Func{Name: "tell hosts without data of the data here", Find: func(context.Context, modules.Reader) (*modules.Change, error) {
		return &modules.Change{Summary: id, Waits: true, Apply: func(ctx context.Context, h modules.Host) error {
			_, _ = say(ctx, h, v, id)
			return nil
		}}, nil
	}}
}
