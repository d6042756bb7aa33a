package haproxy

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/roles/published"
	"github.com/pgrun/pgrun/runner"
)

// refuseMovedPort refuses to point the balancer at a port on which the servers
// do not listen. Where no Patroni answers there is no cluster to take away.
func refuseMovedPort(ctx context.Context, t *runner.Target, servers []server) error {
	for _, s := range servers {
		url := fmt.Sprintf("http://%s:%d/cluster", s.Address, s.CheckPort)
		response, err := t.Get(ctx, modules.Request{URL: url, Deadline: 2 * time.Second})
		if err != nil {
			continue
		}
		var cluster struct {
			Members []struct {
				Name string `json:"name"`
				Port int    `json:"port"`
			} `json:"members"`
		}
		if json.Unmarshal(response.Body, &cluster) != nil {
			continue
		}
		ports := map[string]int{}
		for _, m := range cluster.Members {
			ports[m.Name] = m.Port
		}
		if why := published.Moved(t.View, ports); why != "" {
			return runner.Refuse("%s", why)
		}
		return nil
	}
	return nil
}
