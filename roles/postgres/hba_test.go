package postgres

import (
	"strings"
	"testing"

	"github.com/pgrun/pgrun/config"
)

func TestRuleLine(t *testing.T) {
	for _, c := range []struct {
		rule Rule
		want string
	}{
		{Rule{Address: "10.1.2.3"}, "host all all 10.1.2.3/32 scram-sha-256"},
		{Rule{Address: "10.1.2.3/8", Database: "orders, billing", User: "app,+readers"}, "host orders,billing app,+readers 10.0.0.0/8 scram-sha-256"},
		{Rule{Type: "local", User: "app user", Method: "peer", Options: Options{Others: map[string]string{"map": "m"}}}, `local all "app user" peer map="m"`},
		{Rule{Address: "10.1.2.3", User: `+my group,+readers`}, `host all +"my group",+readers 10.1.2.3/32 scram-sha-256`},
		{Rule{Type: "hostssl", Address: "10.0.0.0/8", Method: "ldap", Options: Options{LDAPBindPassword: config.NewSecret("bind secret"), Others: map[string]string{"ldapurl": "ldaps://a/b"}}},
			`hostssl all all 10.0.0.0/8 ldap ldapbindpasswd="bind secret" ldapurl="ldaps://a/b"`},
		{Rule{Type: "hostssl", Address: "fd00::/8", Method: "cert", User: "o'hara#x"}, `hostssl all "o'hara#x" fd00::/8 cert`},
	} {
		if got := c.rule.Line(); got != c.want {
			t.Errorf("got  %s\nwant %s", got, c.want)
		}
	}
}

// PostgreSQL 16 compiles what begins with a slash, in quotes too, and a group
// may have any members.
func TestRuleLetsInByNameOnly(t *testing.T) {
	for user, want := range map[string]string{
		"": "postgres replicator", "all": "postgres replicator", "app, all": "postgres replicator", "app": "", "all_readers": "",
		"+all": "postgres replicator", "+admins,postgres": "replicator", "/.*": "postgres replicator", "app, /^p": "postgres replicator",
		"postgres": "", "postgres, replicator, all": "",
	} {
		if got := strings.Join((Rule{User: user}).Unnamed("postgres", "replicator"), " "); got != want {
			t.Errorf("user %q: %q, want %q", user, got, want)
		}
	}
}

func TestRefusingRule(t *testing.T) {
	refusing := Rule{Type: "hostssl", Database: "orders", Address: "10.0.0.0/8", Method: "cert", Options: Options{Others: map[string]string{"map": "m"}}}.Refusing("postgres", "replicator")
	if got := refusing.Line(); got != "hostssl orders postgres,replicator 10.0.0.0/8 reject" {
		t.Error(got)
	}
}
