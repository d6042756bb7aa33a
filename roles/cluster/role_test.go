package cluster_test

import (
	"strings"
	"testing"

	"github.com/pgrun/pgrun/roles/cluster"
	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/roletest"
)

func TestValidate(t *testing.T) {
	for name, c := range map[string]struct {
		section string
		other   string // of db2
		address string // of db2
		want    []string
	}{
		"defaults":           {},
		"all set":            {section: "{name: orders, postgres_version: 15, networks: [10.0.0.0/16, 'fd00::/8']}", other: "{name: orders, postgres_version: 15, networks: [10.0.0.0/16, 'fd00::/8']}"},
		"capital letters":    {section: "name: Orders", want: []string{`problem: name: "Orders" cannot name a cluster`}},
		"path":               {section: "name: ../etc", want: []string{"problem: name:"}},
		"empty name":         {section: "name: ''", want: []string{"problem: name:"}},
		"too old":            {section: "postgres_version: 14", other: "postgres_version: 14", want: []string{"problem: postgres_version: PostgreSQL 14 is not supported"}},
		"too new":            {section: "postgres_version: 19", other: "postgres_version: 19", want: []string{"problem: postgres_version: PostgreSQL 19"}},
		"bits of a host":     {section: "networks: [10.0.0.5/16]", other: "networks: [10.0.0.5/16]", want: []string{"problem: networks[0]: 10.0.0.5/16 has bits of a host: write 10.0.0.0/16"}},
		"the world":          {section: "networks: [10.0.0.0/8, 0.0.0.0/0]", other: "networks: [10.0.0.0/8, 0.0.0.0/0]", want: []string{"warning: networks[1]: 0.0.0.0/0 lets the whole world"}},
		"another order":      {section: "networks: [10.0.0.0/8, 'fd00::/8']", other: "networks: ['fd00::/8', 10.0.0.0/8, 10.0.0.0/8]"},
		"other networks":     {section: "networks: [10.0.0.0/8]", want: []string{"problem: networks: is [10.0.0.0/8] here and [] on db2"}},
		"two major versions": {other: "postgres_version: 16", want: []string{"problem: postgres_version: is 17 here and 16 on db2"}},
	} {
		t.Run(name, func(t *testing.T) {
			if c.address == "" {
				c.address = "10.0.0.2"
			}
			inventory := roletest.Cluster{
				Registry: runner.Registry{{Name: cluster.Name, New: cluster.New}},
				Hosts: []roletest.Host{
					{Name: "db1", Address: "10.0.0.1", Groups: []string{"postgres"}, Sections: map[string]string{"cluster": c.section}},
					{Name: "db2", Address: c.address, Groups: []string{"postgres"}, Sections: map[string]string{"cluster": c.other}},
				},
			}
			got := inventory.Validate(t, "db1", "cluster").Lines()
			if len(got) != len(c.want) {
				t.Fatalf("reported %q, want %q", got, c.want)
			}
			for i := range got {
				if !strings.HasPrefix(got[i], c.want[i]) {
					t.Errorf("reported %q, want it to begin with %q", got[i], c.want[i])
				}
			}
		})
	}
}
