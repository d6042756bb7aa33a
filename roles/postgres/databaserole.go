package postgres

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/pgrun/pgrun/config"
	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// The database roles that Patroni and pgrun use.
const (
	Superuser  = "postgres"
	Replicator = "replicator"
	RewindUser = "rewind_user"
	Probe      = "pgrun_probe"
)

// DatabaseRole is a role inside the database server.
type DatabaseRole struct {
	// Name is the role's name.
	Name string `yaml:"name"`
	// Password is stored as a SCRAM-SHA-256 verifier that is computed on the
	// host: neither the server nor its log sees the password. It is printable
	// ASCII. A role without one cannot log in over TCP; an existing password
	// is left alone when none is given.
	Password config.Secret `yaml:"password"`
	// NoLogin makes a role that only groups others.
	NoLogin bool `yaml:"nologin"`
	// Superuser bypasses every check inside the database.
	Superuser bool `yaml:"superuser"`
	// CreateDB may create databases.
	CreateDB bool `yaml:"createdb"`
	// CreateRole may create roles.
	CreateRole bool `yaml:"createrole"`
	// Replication may stream the WAL.
	Replication bool `yaml:"replication"`
	// BypassRLS passes row security.
	BypassRLS bool `yaml:"bypassrls"`
	// ConnectionLimit is the most connections at once; 0, the default, and -1 are no limit.
	ConnectionLimit int `yaml:"connection_limit"`
	// MemberOf are roles whose privileges it has. Further memberships are left alone.
	MemberOf []string `yaml:"member_of"`
}

// liveRole is a row of pg_authid.
type liveRole struct {
	Name        string `json:"name"`
	Login       bool   `json:"login"`
	Superuser   bool   `json:"superuser"`
	CreateDB    bool   `json:"createdb"`
	CreateRole  bool   `json:"createrole"`
	Replication bool   `json:"replication"`
	BypassRLS   bool   `json:"bypassrls"`
	Limit       int    `json:"limit"`
	Password    string `json:"password"`
}

const readRole = `SELECT coalesce((SELECT pg_catalog.json_build_object('name', rolname, 'login', rolcanlogin, 'superuser', rolsuper,
  'createdb', rolcreatedb, 'createrole', rolcreaterole, 'replication', rolreplication, 'bypassrls', rolbypassrls,
  'limit', rolconnlimit, 'password', coalesce(rolpassword, ''))
  FROM pg_catalog.pg_authid WHERE rolname OPERATOR(pg_catalog.=) :'name'), 'null'::pg_catalog.json);
`

func (d DatabaseRole) step(t *runner.Target, s Server) modules.Module {
	return modules.Func{Name: "role " + d.Name, Find: func(ctx context.Context, r modules.Reader) (*modules.Change, error) {
		var live *liveRole
		if err := s.Query(ctx, r, "postgres", readRole, map[string]string{"name": d.Name}, &live); err != nil {
			return nil, err
		}
		plan := d.plan(live)
		if plan.summary == "" {
			return nil, nil
		}
		values := map[string]string{"name": d.Name, "limit": strconv.Itoa(d.limit())}
		if plan.password {
			stored, err := verifier(d.Password.Reveal())
			if err != nil {
				return nil, modules.Hint(err, "write another password for the role %s", d.Name)
			}
			t.Hide(stored)
			values["verifier"] = stored
		}
		return s.exec(plan.summary, plan.before, plan.after, "postgres", plan.text, values), nil
	}}
}

// rolePlan is what has to be done about a role.
type rolePlan struct {
	summary, before, after string
	text                   string // SQL
	password               bool   // needs a verifier
}

// plan compares the wanted with the live role; nil is one that is not there.
func (d DatabaseRole) plan(live *liveRole) rolePlan {
	var p rolePlan
	sql := mute
	if live == nil {
		p.summary = "is not there"
		sql += "CREATE ROLE :\"name\";\n"
		live = &liveRole{Limit: -1}
	} else {
		p.before = lines(live.attributes(), password(live.Password != ""))
	}
	attributes := live.attributes()
	if attributes != d.attributes() {
		attributes = d.attributes()
		sql += "ALTER ROLE :\"name\" " + d.options() + " CONNECTION LIMIT :limit;\n"
		if live.Name != "" {
			p.reasons("other attributes")
		}
	}
	if d.Password.IsSet() && !verifies(live.Password, d.Password.Reveal()) {
		p.password = true
		sql += "ALTER ROLE :\"name\" PASSWORD :'verifier';\n"
		if live.Name != "" {
			p.reasons("another password")
		}
	}
	p.after = lines(attributes, password(p.password || live.Password != ""))
	if p.password && p.before != "" {
		p.after = lines(attributes, "password: another one")
	}
	p.text = sql + "COMMIT;\n"
	return p
}

// reasons adds to why.
func (p *rolePlan) reasons(why string) {
	if p.summary != "" {
		p.summary += ", "
	}
	p.summary += why
}

func (d DatabaseRole) limit() int {
	if d.ConnectionLimit == 0 {
		return -1
	}
	return d.ConnectionLimit
}

func (d DatabaseRole) attributes() string {
	return liveRole{
		Login: !d.NoLogin, Superuser: d.Superuser, CreateDB: d.CreateDB, CreateRole: d.CreateRole,
		Replication: d.Replication, BypassRLS: d.BypassRLS, Limit: d.limit(),
	}.attributes()
}

func (d DatabaseRole) options() string {
	return strings.Join([]string{
		option(!d.NoLogin, "LOGIN"), option(d.Superuser, "SUPERUSER"), option(d.CreateDB, "CREATEDB"),
		option(d.CreateRole, "CREATEROLE"), option(d.Replication, "REPLICATION"), option(d.BypassRLS, "BYPASSRLS"),
	}, " ")
}

func (l liveRole) attributes() string {
	return fmt.Sprintf("login: %t\nsuperuser: %t\ncreatedb: %t\ncreaterole: %t\nreplication: %t\nbypassrls: %t\nconnection limit: %d",
		l.Login, l.Superuser, l.CreateDB, l.CreateRole, l.Replication, l.BypassRLS, l.Limit)
}

func option(has bool, word string) string {
	if has {
		return word
	}
	return "NO" + word
}

func password(has bool) string {
	if has {
		return "password: one is set"
	}
	return "password: none"
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// membership grants a role to another.
func membership(s Server, member, group string) modules.Module {
	const read = `SELECT pg_catalog.to_json(EXISTS (SELECT FROM pg_catalog.pg_auth_members m
  JOIN pg_catalog.pg_roles g ON g.oid OPERATOR(pg_catalog.=) m.roleid JOIN pg_catalog.pg_roles u ON u.oid OPERATOR(pg_catalog.=) m.member
  WHERE g.rolname OPERATOR(pg_catalog.=) :'group' AND u.rolname OPERATOR(pg_catalog.=) :'member'));
`
	values := map[string]string{"member": member, "group": group}
	return modules.Func{Name: "role " + member + " in " + group, Find: func(ctx context.Context, r modules.Reader) (*modules.Change, error) {
		var is bool
		if err := s.Query(ctx, r, "postgres", read, values, &is); err != nil || is {
			return nil, err
		}
		return s.exec("is no member", "", member+" in "+group+"\n", "postgres", "GRANT :\"group\" TO :\"member\";\n", values), nil
	}}
}
