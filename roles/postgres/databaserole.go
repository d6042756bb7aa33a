package postgres

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

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
	// MemberOf are roles whose privileges it has. Further memberships are left
	// alone, unless member_of_exact is true.
	MemberOf []string `yaml:"member_of"`
	// MemberOfExact takes memberships back that member_of does not name. It is
	// false by default, since applications may grant some themselves.
	MemberOfExact bool `yaml:"member_of_exact"`
	// ValidUntil is when its password ends: 2026-12-31 (its beginning, in UTC),
	// 2026-12-31T18:00:00+01:00, or infinity. "" leaves what is set, so that
	// no line that got lost opens a door again.
	ValidUntil string `yaml:"valid_until"`
	// Settings are what its sessions begin with. Where they are given, other
	// settings of the role are reset; {} resets all.
	Settings map[string]any `yaml:"settings"`
	// SettingsIn are the same for its sessions in one database.
	SettingsIn map[string]map[string]any `yaml:"settings_in"`
	// State is present, the default, or absent. A role that owns something, has
	// privileges or is connected is refused with what and where, before
	// anything is changed. Leave the line: without it the role stays.
	State string `yaml:"state"`
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
	Until       int64  `json:"until"` // seconds since 1970; 0 is for ever
	Sessions    int    `json:"sessions"`
}

func (d DatabaseRole) step(t *runner.Target, v *survey) modules.Module {
	return modules.Func{Name: "role " + d.Name, Find: func(ctx context.Context, r modules.Reader) (*modules.Change, error) {
		cluster, err := v.read(ctx, r)
		if err != nil {
			return nil, err
		}
		plan := d.plan(cluster.Roles[d.Name])
		if plan.summary == "" {
			return nil, nil
		}
		values := map[string]string{"name": d.Name, "limit": strconv.Itoa(d.limit()), "until": d.until()}
		if plan.password {
			stored, err := verifier(d.Password.Reveal())
			if err != nil {
				return nil, modules.Hint(err, "write another password for the role %s", d.Name)
			}
			t.Hide(stored)
			values["verifier"] = stored
		}
		return v.exec(plan.summary, plan.before, plan.after, plan.text, values), nil
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
	if d.otherPassword(live) {
		p.password = true
		sql += "ALTER ROLE :\"name\" PASSWORD :'verifier';\n"
		if live.Name != "" {
			p.reasons("another password")
		}
	}
	if d.endsElsewhere(live) {
		sql += "ALTER ROLE :\"name\" VALID UNTIL :'until';\n"
		attributes += "\nvalid until: " + d.until()
		if live.Name != "" {
			p.reasons("another end of its password")
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
func membership(v *survey, member, group string) modules.Module {
	return modules.Func{Name: "role " + member + " in " + group, Find: func(ctx context.Context, r modules.Reader) (*modules.Change, error) {
		live, err := v.read(ctx, r)
		if err != nil || slices.Contains(live.Members, liveMember{group, member}) {
			return nil, err
		}
		values := map[string]string{"member": member, "group": group}
		return v.exec("is no member", "", member+" in "+group+"\n", "GRANT :\"group\" TO :\"member\";\n", values), nil
	}}
}

// noOthers takes back memberships that are not named.
func (d DatabaseRole) noOthers(v *survey) modules.Module {
	return modules.Func{Name: "role " + d.Name + " in no other", Find: func(ctx context.Context, r modules.Reader) (*modules.Change, error) {
		live, err := v.read(ctx, r)
		if err != nil {
			return nil, err
		}
		text, before, values := "", "", map[string]string{"member": d.Name}
		for i, m := range live.Members {
			if m.Member == d.Name && !slices.Contains(d.MemberOf, m.Group) {
				key := fmt.Sprintf("g%d", i)
				values[key] = m.Group
				text += "REVOKE :\"" + key + "\" FROM :\"member\";\n"
				before += d.Name + " in " + m.Group + "\n"
			}
		}
		if text == "" {
			return nil, nil
		}
		return v.exec("is a member of others", before, "", text, values), nil
	}}
}

func (d DatabaseRole) otherPassword(live *liveRole) bool {
	return d.Password.IsSet() && !verifies(live.Password, d.Password.Reveal())
}

func (d DatabaseRole) endsElsewhere(live *liveRole) bool {
	return d.ValidUntil != "" && ends(d.ValidUntil) != live.Until
}

// until is valid_until as PostgreSQL takes it.
func (d DatabaseRole) until() string {
	if end := ends(d.ValidUntil); end != 0 {
		return time.Unix(end, 0).UTC().Format(time.RFC3339)
	}
	return "infinity"
}

// ends is a time in seconds since 1970; 0 is never, and -1 no time.
func ends(text string) int64 {
	if text == "" || text == "infinity" {
		return 0
	}
	for _, form := range []string{time.DateOnly, time.RFC3339} {
		if end, err := time.Parse(form, text); err == nil && end.Unix() > 0 {
			return end.Unix()
		}
	}
	return -1
}
