package patroni

import "testing"

func TestPresetsKeepPatronisRule(t *testing.T) {
	for name := range presets() {
		if key, message := (&Role{RTO: name}).timing().problem(); key != "" {
			t.Errorf("%s: %s: %s", name, key, message)
		}
	}
}

func TestTimingProblems(t *testing.T) {
	for _, c := range []struct {
		role Role
		key  string
	}{
		{Role{RTO: "norm"}, ""},
		{Role{RTO: "norm", TTL: 24, RetryTimeout: 10}, "ttl"},
		{Role{RTO: "fast", TTL: 15}, "ttl"},
		{Role{RTO: "fast", RetryTimeout: 8}, "ttl"},
		{Role{RTO: "norm", RetryTimeout: 2}, "retry_timeout"},
		{Role{RTO: "norm", LoopWait: -1}, "loop_wait"},
	} {
		if key, message := c.role.timing().problem(); key != c.key {
			t.Errorf("%+v: %s: %s, want %q", c.role.timing(), key, message, c.key)
		}
	}
	if key := (&Role{RTO: "fast", RetryTimeout: 8}).given("ttl"); key != "retry_timeout" {
		t.Errorf("the rule is reported at %s, which the operator did not write", key)
	}
}
