package postgres

import (
	"maps"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/pgrun/pgrun/config"
	"github.com/pgrun/pgrun/runner"
)

// Rule is a line of pg_hba.conf.
type Rule struct {
	// Type is local, host, hostssl, hostnossl, hostgssenc or hostnogssenc. The default is host.
	Type string `yaml:"type"`
	// Database is one or more databases, separated by commas; "" is all.
	Database string `yaml:"database"`
	// User is one or more roles, separated by commas, +group for members of
	// a group; "" is all. What begins with / is a regular expression from
	// PostgreSQL 16 on.
	User string `yaml:"user"`
	// Address is a network (10.0.0.0/8) or an address; none with type local.
	Address string `yaml:"address"`
	// Method is scram-sha-256, cert, peer (type local), reject, ldap, gss,
	// radius or pam. The default is scram-sha-256. With ldap, radius and pam
	// clients send the password as it is, so they go with type hostssl only,
	// or the host's own addresses, and ldap with TLS to its server.
	Method string `yaml:"method"`
	// Options are the method's, name to value, as pg_hba.conf has them. The
	// two below are secrets, and may come from !file and the like.
	Options Options `yaml:"options"`
}

// Options are those of a method.
type Options struct {
	// LDAPBindPassword is the password by which PostgreSQL searches for a user.
	LDAPBindPassword config.Secret `yaml:"ldapbindpasswd"`
	// RADIUSSecrets are shared with the RADIUS servers, separated by commas.
	RADIUSSecrets config.Secret `yaml:"radiussecrets"`
	// Others are all others, as pg_hba.conf has them.
	Others map[string]string `yaml:",inline"`
}

func (o Options) secrets() map[string]config.Secret {
	return map[string]config.Secret{"ldapbindpasswd": o.LDAPBindPassword, "radiussecrets": o.RADIUSSecrets}
}

// names are the options that are given.
func (o Options) names() []string {
	list := slices.Collect(maps.Keys(o.Others))
	for name, secret := range o.secrets() {
		if secret.IsSet() {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}

func (o Options) value(name string) string {
	if secret, is := o.secrets()[name]; is {
		return secret.Reveal()
	}
	return o.Others[name]
}

var bare = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_$]*$`)

func hbaTypes() []string {
	return []string{"local", "host", "hostssl", "hostnossl", "hostgssenc", "hostnogssenc"}
}

func hbaMethods() []string {
	return []string{"scram-sha-256", "cert", "peer", "reject", "ldap", "gss", "radius", "pam", "md5"}
}

func (r Rule) validate(v *runner.View, key string) {
	if !slices.Contains(hbaTypes(), r.kind()) {
		v.Problem(key+".type", "%q is no type; write one of %s", r.Type, strings.Join(hbaTypes(), ", "))
	}
	r.validateMethod(v, key)
	for name, value := range map[string]string{"database": r.Database, "user": r.User} {
		for word := range strings.SplitSeq(value, ",") {
			if value != "" && !validName(strings.TrimPrefix(strings.TrimSpace(word), "+")) || strings.Contains(word, `"`) || strings.HasPrefix(word, "@") {
				v.Problem(key+"."+name, "%q cannot be written to pg_hba.conf", value)
			}
		}
	}
	r.validateAddress(v, key)
	r.validateOptions(v, key)
}

func (r Rule) validateMethod(v *runner.View, key string) {
	switch {
	case r.Method == "trust":
		v.Problem(key+".method", "trust lets in anyone who can reach the port; write scram-sha-256, or peer with type local")
	case !slices.Contains(hbaMethods(), r.method()):
		v.Problem(key+".method", "%q cannot be used; write one of %s", r.Method, strings.Join(hbaMethods(), ", "))
	case r.misplaced() != "":
		v.Problem(key+".method", "%s", r.misplaced())
	case r.readable() != "":
		v.Problem(key+".method", "%s", r.readable())
	case r.Method == "md5":
		v.Warning(key+".method", "md5 is outdated; roles made here have SCRAM verifiers, so scram-sha-256 works")
	}
}

func (r Rule) validateAddress(v *runner.View, key string) {
	if r.kind() == "local" {
		if r.Address != "" {
			v.Problem(key+".address", "type local has no address")
		}
		return
	}
	network, err := parseNetwork(r.Address)
	switch {
	case err != nil:
		v.Problem(key+".address", "%q is no network; write one such as 10.0.0.0/8", r.Address)
	case network.Bits() == 0 && r.method() != "reject":
		v.Warning(key+".address", "%s lets the whole world try passwords; name the networks that need it", r.Address)
	}
}

func parseNetwork(text string) (netip.Prefix, error) {
	if address, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(address, address.BitLen()), nil
	}
	network, err := netip.ParsePrefix(text)
	return network.Masked(), err
}

func (r Rule) kind() string {
	if r.Type == "" {
		return "host"
	}
	return r.Type
}

func (r Rule) method() string {
	if r.Method == "" {
		return "scram-sha-256"
	}
	return r.Method
}

// Line is the rule as pg_hba.conf has it.
func (r Rule) Line() string {
	words := []string{r.kind(), hbaWords(r.Database), hbaWords(r.User)}
	if r.kind() != "local" {
		address := r.Address
		if network, err := parseNetwork(address); err == nil {
			address = network.String()
		}
		words = append(words, address)
	}
	words = append(words, r.method())
	for _, name := range r.Options.names() {
		words = append(words, name+`="`+r.Options.value(name)+`"`)
	}
	return strings.Join(words, " ")
}

// Unnamed are the roles that the rule may let in without naming them: by all,
// by a group or by a regular expression. Within quotes PostgreSQL takes one too.
func (r Rule) Unnamed(roles ...string) []string {
	named, open := map[string]bool{}, r.User == ""
	for word := range strings.SplitSeq(r.User, ",") {
		word = strings.TrimSpace(word)
		named[word] = true
		open = open || word == "all" || strings.HasPrefix(word, "+") || strings.HasPrefix(word, "/")
	}
	if !open {
		return nil
	}
	return slices.DeleteFunc(roles, func(role string) bool { return named[role] })
}

// Refusing is the rule that keeps roles out where this one lets roles in.
func (r Rule) Refusing(users ...string) Rule {
	return Rule{Type: r.Type, Database: r.Database, User: strings.Join(users, ","), Address: r.Address, Method: "reject"}
}

// hbaWords quotes what is no plain word, so that it cannot end the field. The
// plus of a group stays before the quotes: within, it would be of the name.
func hbaWords(list string) string {
	if list == "" {
		return "all"
	}
	var words []string
	for word := range strings.SplitSeq(list, ",") {
		name, group := strings.CutPrefix(strings.TrimSpace(word), "+")
		if !bare.MatchString(name) {
			name = `"` + name + `"`
		}
		if group {
			name = "+" + name
		}
		words = append(words, name)
	}
	return strings.Join(words, ",")
}
