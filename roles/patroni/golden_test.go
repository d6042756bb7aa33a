package patroni_test

import (
	"testing"

	"github.com/pgrun/pgrun/roles/patroni"
	"github.com/pgrun/pgrun/roles/postgres"
	"github.com/pgrun/pgrun/runner/roletest"
	"gopkg.in/yaml.v3"
)

func TestConfigurationGolden(t *testing.T) {
	for name, sections := range map[string]map[string]string{
		"config-defaults": {"patroni": "synchronous_mode: quorum"}, // what Apply decides for Patroni 4
		"config-all": {
			"cluster": "{name: orders, postgres_version: 15, networks: [192.168.7.0/24]}",
			"postgres": `{data_dir: /data/patroni, port: 5433, parameters: {shared_buffers: 1GB, max_connections: 500, wal_keep_size: null},
  hba: [{address: 192.168.9.0/24, user: postgres}, {type: local, user: exporter, method: peer}, {address: 192.168.8.0/24, database: orders},
    {address: 192.168.6.0/24, user: "/.*"}, {address: 192.168.6.0/24, user: "+admins,postgres"}]}`,
			"patroni": "{rto: fast, synchronous_mode: quorum, tags: {nosync: true, custom: {zone: a}}, namespace: /pg}",
		},
	} {
		c := three(sections)
		role := c.Role(t, "db2", "patroni").(*patroni.Role)
		text, err := role.Render(c.Observer(t, "db2", "patroni", nil), postgres.Machine{CPUs: 2, Memory: 4 << 30, Disk: 100 << 30})
		if err != nil {
			t.Fatal(err)
		}
		roletest.Golden(t, name, string(text))
		var back struct {
			PostgreSQL struct {
				Authentication map[string]map[string]string
			}
		}
		if err := yaml.Unmarshal(text, &back); err != nil {
			t.Fatal(err)
		}
		if got := back.PostgreSQL.Authentication["superuser"]["password"]; got != "super: 'secret'" {
			t.Errorf("%s: the password reads back as %q", name, got)
		}
	}
}
