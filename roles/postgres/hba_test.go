package postgres

import "testing"

func TestRuleLine(t *testing.T) {
	for _, c := range []struct {
		rule Rule
		want string
	}{
		{Rule{Address: "10.1.2.3"}, "host all all 10.1.2.3/32 scram-sha-256"},
		{Rule{Address: "10.1.2.3/8", Database: "orders, billing", User: "app,+readers"}, "host orders,billing app,+readers 10.0.0.0/8 scram-sha-256"},
		{Rule{Type: "local", User: "app user", Method: "peer", Options: map[string]string{"map": "m"}}, `local all "app user" peer map="m"`},
		{Rule{Address: "10.1.2.3", User: `+my group,+readers`}, `host all +"my group",+readers 10.1.2.3/32 scram-sha-256`},
		{Rule{Type: "hostssl", Address: "fd00::/8", Method: "cert", User: "o'hara#x"}, `hostssl all "o'hara#x" fd00::/8 cert`},
	} {
		if got := c.rule.Line(); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

func TestRuleForAll(t *testing.T) {
	for user, want := range map[string]bool{"": true, "all": true, "app, all": true, "app": false, "all_readers": false, "+all": false} {
		if got := (Rule{User: user}).ForAll(); got != want {
			t.Errorf("user %q: %t", user, got)
		}
	}
	refusing := Rule{Type: "hostssl", Database: "orders", Address: "10.0.0.0/8", Method: "cert", Options: map[string]string{"map": "m"}}.Refusing("postgres", "replicator")
	if got := refusing.Line(); got != "hostssl orders postgres,replicator 10.0.0.0/8 reject" {
		t.Error(got)
	}
}
