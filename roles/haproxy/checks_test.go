package haproxy_test

import (
	"testing"
	"time"

	"github.com/pgrun/pgrun/roles/haproxy"
)

// What patroni's presets promise (see its rto) is for a client behind the
// balancers: the checks must keep their part.
func TestChecksFitThePresets(t *testing.T) {
	for rto, patroni := range map[string]struct{ ttl, loop, promise time.Duration }{
		"fast": {20 * time.Second, 5 * time.Second, 29 * time.Second},
		"norm": {30 * time.Second, 5 * time.Second, 41 * time.Second},
		"safe": {60 * time.Second, 10 * time.Second, 83 * time.Second},
		"wide": {120 * time.Second, 20 * time.Second, 150 * time.Second},
	} {
		c := haproxy.ChecksFor(rto)
		out := c.Inter + time.Duration(c.Fall)*c.Timeout + time.Duration(c.Fall-1)*c.Fast
		if earliest := patroni.ttl - patroni.loop; out >= earliest {
			t.Errorf("%s: a leader that hangs is out after %s, and another may lead after %s", rto, out, earliest)
		}
		found := patroni.ttl + patroni.loop + 2*time.Second + c.Down + time.Duration(c.Rise-1)*c.Fast
		if found > patroni.promise {
			t.Errorf("%s: a new leader is found after %s, promised are %s", rto, found, patroni.promise)
		}
		if c.Timeout < 3*time.Second {
			t.Errorf("%s: a busy host has %s to answer", rto, c.Timeout)
		}
	}
	if wide, norm := haproxy.ChecksFor("wide"), haproxy.ChecksFor("norm"); wide.Timeout <= norm.Timeout {
		t.Errorf("across regions a check has %s to answer, no more than the %s in one site", wide.Timeout, norm.Timeout)
	}
}
