package postgres

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pgrun/pgrun/runner"
)

// A line that PostgreSQL does not take spoils the whole file: a reload keeps
// the old one, and the next start fails.

// onlyOf is of which methods an option is; of those of TLS the type decides.
func onlyOf(option string) []string {
	switch {
	case option == "map":
		return []string{"peer", "gss", "cert"}
	case option == "krb_realm", option == "include_realm":
		return []string{"gss"}
	case option == "pamservice", option == "pam_use_hostname":
		return []string{"pam"}
	case slices.Contains([]string{"ldapserver", "ldapport", "ldapscheme", "ldaptls", "ldapprefix", "ldapsuffix", "ldapbasedn", "ldapbinddn",
		"ldapbindpasswd", "ldapsearchattribute", "ldapsearchfilter", "ldapurl"}, option):
		return []string{"ldap"}
	case slices.Contains([]string{"radiusservers", "radiussecrets", "radiusports", "radiusidentifiers"}, option):
		return []string{"radius"}
	}
	return nil
}

func (r Rule) validateOptions(v *runner.View, key string) {
	for _, name := range r.Options.names() {
		value := r.Options.Others[name]
		switch methods := onlyOf(name); {
		case strings.ContainsAny(value, "\"\n\r"):
			v.Problem(key+".options", "%s=%q cannot be written to pg_hba.conf", name, value)
		case name == "clientcert" || name == "clientname":
			if r.kind() != "hostssl" {
				v.Problem(key+".options", "%s works with type hostssl only", name)
			}
		case methods == nil:
			v.Problem(key+".options", "%q is no option of pg_hba.conf", name)
		case !slices.Contains(methods, r.method()):
			v.Problem(key+".options", "%s is an option of %s, not of %s", name, strings.Join(methods, ", "), r.method())
		}
	}
	if missing := r.missingOption(); missing != "" {
		v.Problem(key+".options", "%s", missing)
	}
}

// missingOption names what a method cannot do without.
func (r Rule) missingOption() string {
	has := func(name string) bool { return r.Options.Others[name] != "" }
	switch r.method() {
	case "ldap":
		how := has("ldapprefix") || has("ldapsuffix") || has("ldapbasedn")
		if !has("ldapurl") && (!has("ldapserver") || !how) {
			return "ldap needs ldapserver and ldapprefix, ldapsuffix or ldapbasedn, or ldapurl"
		}
	case "radius":
		if !has("radiusservers") || !r.Options.RADIUSSecrets.IsSet() {
			return "radius needs radiusservers and radiussecrets"
		}
	}
	return ""
}

// readable says where passwords would go over a network as they are.
func (r Rule) readable() string {
	if !slices.Contains([]string{"ldap", "pam", "radius"}, r.method()) {
		return ""
	}
	network, err := parseNetwork(r.Address)
	here := r.kind() == "local" || err == nil && network.Addr().IsLoopback()
	if !here && !slices.Contains([]string{"hostssl", "hostgssenc"}, r.kind()) {
		return fmt.Sprintf("%s has clients send their passwords as they are, and type %s does not encrypt them: write type hostssl", r.method(), r.kind())
	}
	o := r.Options.Others
	server := o["ldapserver"]
	if r.method() != "ldap" || o["ldaptls"] == "1" || o["ldapscheme"] == "ldaps" || strings.HasPrefix(o["ldapurl"], "ldaps://") || server == "localhost" || server == "127.0.0.1" {
		return ""
	}
	return "PostgreSQL sends the passwords on to the LDAP server as they are: write ldaptls: 1, or ldapscheme: ldaps"
}

// misplaced says why a method does not go with the type of the line.
func (r Rule) misplaced() string {
	for _, c := range []struct {
		method, kind string
		with         bool
	}{{"peer", "local", true}, {"cert", "hostssl", true}, {"gss", "local", false}} {
		if r.method() != c.method || (r.kind() == c.kind) == c.with {
			continue
		}
		if c.with {
			return fmt.Sprintf("%s works with type %s only", c.method, c.kind)
		}
		return fmt.Sprintf("%s does not work with type %s", c.method, c.kind)
	}
	return ""
}
