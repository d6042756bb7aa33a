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
