package haproxy_test

import (
	"testing"

	"github.com/pgrun/pgrun/roles/haproxy"
	"github.com/pgrun/pgrun/runner/roletest"
)

func TestConfiguration(t *testing.T) {
	for _, c := range []struct {
		name, section string
		databases     []string
	}{
		{"norm", "", []string{"", "", ""}},
		{"fast", "metrics_networks: [10.0.0.9/32, 'fd00::/64']\nbind: [10.0.0.101, 'fd00::101']",
			[]string{"rto: fast\nrest_port: 8009\npostgres_port: 5433", "rto: fast", "rto: fast"}},
		{"no-lag", "max_lag: ''", []string{"", ""}},
		{"writes-only", "replicas_port: 0\nsynchronous_port: 0\nasynchronous_port: 0", []string{""}},
		{"no-fallback", "replicas_fallback: false\nsynchronous_port: 0\nasynchronous_port: 0", []string{"rto: wide", "rto: wide"}},
		{"no-servers", "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			cl := cluster(c.section, c.databases...)
			view, _ := cl.View(t, "lb1", "haproxy")
			text, err := cl.Role(t, "lb1", "haproxy").(*haproxy.Role).Configuration(view)
			if err != nil {
				t.Fatal(err)
			}
			roletest.Golden(t, c.name, text)
		})
	}
}
