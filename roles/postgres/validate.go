package postgres

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

var (
	folderName  = regexp.MustCompile(`^(/[A-Za-z0-9._-]+)+$`)
	packageName = regexp.MustCompile(`^[a-z0-9][a-z0-9+.-]+$`)
)

// Validate reports what is wrong with the section.
func (r *Role) Validate(v *runner.View) {
	if !v.Host.In("postgres") {
		return
	}
	if !folderName.MatchString(r.DataDir) || path.Clean(r.DataDir) != r.DataDir {
		v.Problem("data_dir", "%q must be an absolute folder of letters, digits, . _ and -, without . or .. in it", r.DataDir)
	} else if why := modules.SystemFolder(r.DataDir); why != "" {
		v.Problem("data_dir", "%s", why)
	}
	if r.Port < 1 || r.Port > 65535 {
		v.Problem("port", "%d is no TCP port; write one between 1 and 65535", r.Port)
	}
	for i, name := range r.Packages {
		if !packageName.MatchString(name) {
			v.Problem(fmt.Sprintf("packages[%d]", i), "%q is no package name", name)
		}
	}
	r.validateParameters(v)
	r.validateRoles(v)
	r.validateDatabases(v)
	r.validateGoing(v)
	for i, rule := range r.HBA {
		rule.validate(v, fmt.Sprintf("hba[%d]", i))
	}
}

// ValidateSecrets reports passwords that cannot be stored or written.
func (r *Role) ValidateSecrets(v *runner.View) {
	if !v.Host.In("postgres") {
		return
	}
	for i, role := range r.Roles {
		if !Encodable(role.Password.Reveal()) {
			v.Problem(fmt.Sprintf("roles[%d].password", i), "%v", errPasswordCharacters)
		}
	}
	for i, rule := range r.HBA {
		for name, secret := range rule.Options.secrets() {
			if strings.ContainsAny(secret.Reveal(), "\"\n\r") {
				v.Problem(fmt.Sprintf("hba[%d].options.%s", i, name), "has a quote or a line break, and cannot be written to pg_hba.conf")
			}
		}
	}
}

// reserved says why a role cannot be named so; "" is that it can.
func reserved(name string) string {
	switch {
	case strings.HasPrefix(name, "pg_"):
		return "begins with pg_, and those names belong to PostgreSQL"
	case name == "public" || name == "none":
		return "is a word of PostgreSQL's own"
	}
	return map[string]string{
		Superuser:  "is the superuser that Patroni uses; its password is patroni.superuser_password",
		Replicator: "is the role by which replicas stream; its password is patroni.replication_password",
		RewindUser: "is the role by which pg_rewind works; its password is patroni.rewind_password",
		Probe:      "is the role by which pgrun writes through the balancers",
	}[name]
}

func (r *Role) validateRoles(v *runner.View) {
	var seen []string
	for i, role := range r.Roles {
		key := fmt.Sprintf("roles[%d]", i)
		switch {
		case !validName(role.Name):
			v.Problem(key+".name", "%q is no name of a role; it has 1 to 63 bytes and no control characters", role.Name)
		case reserved(role.Name) != "":
			v.Problem(key+".name", "%s %s", role.Name, reserved(role.Name))
		case slices.Contains(seen, role.Name):
			v.Problem(key+".name", "%q is there twice", role.Name)
		}
		seen = append(seen, role.Name)
		for j, group := range role.MemberOf {
			if !validName(group) {
				v.Problem(fmt.Sprintf("%s.member_of[%d]", key, j), "%q is no name of a role", group)
			}
		}
		if role.ConnectionLimit < -1 {
			v.Problem(key+".connection_limit", "%d is too low; -1 means no limit", role.ConnectionLimit)
		}
		if ends(role.ValidUntil) < 0 {
			v.Problem(key+".valid_until", "%q is no time; write one such as 2026-12-31 or 2026-12-31T18:00:00Z, or infinity", role.ValidUntil)
		}
		validateState(v, key, role.State)
		validateSettings(v, key+".settings", role.Settings)
		for name, settings := range role.SettingsIn {
			validateSettings(v, key+".settings_in."+name, settings)
			if !slices.ContainsFunc(r.Databases, func(d Database) bool { return d.Name == name && !d.absent() }) {
				v.Problem(key+".settings_in."+name, "is no database of postgres.databases")
			}
		}
	}
}

func validateState(v *runner.View, key, state string) {
	if state != "" && state != statePresent && state != stateAbsent {
		v.Problem(key+".state", "%q is no state; write present or absent", state)
	}
}

// validateGoing reports what uses that which shall go.
func (r *Role) validateGoing(v *runner.View) {
	going := map[string]bool{}
	for _, role := range r.Roles {
		going[role.Name] = role.absent()
	}
	for i, db := range r.Databases {
		key := fmt.Sprintf("databases[%d]", i)
		if going[db.Owner] && !db.absent() {
			v.Problem(key+".owner", "%s has state: absent", db.Owner)
		}
		db.validateGoing(v, key)
	}
	for i, role := range r.Roles {
		for _, group := range role.MemberOf {
			if going[group] {
				v.Problem(fmt.Sprintf("roles[%d].member_of", i), "%s has state: absent", group)
			}
		}
	}
}

func (d Database) validateGoing(v *runner.View, key string) {
	switch {
	case d.Name == Superuser && (d.absent() || d.Settings != nil):
		v.Problem(key, "the database postgres stays as it is: Patroni and pgrun work there")
	case d.DropData != "" && d.DropData != d.Name:
		v.Problem(key+".drop_data", "%q is not the name of this database, %s", d.DropData, d.Name)
	case d.DropData != "" && !d.absent():
		v.Problem(key+".drop_data", "has no meaning without state: absent")
	}
}

func (r *Role) validateDatabases(v *runner.View) {
	var seen []string
	for i, db := range r.Databases {
		key := fmt.Sprintf("databases[%d]", i)
		switch {
		case !validName(db.Name):
			v.Problem(key+".name", "%q is no name of a database; it has 1 to 63 bytes and no control characters", db.Name)
		case db.Name == "template0" || db.Name == "template1":
			v.Problem(key+".name", "%s belongs to PostgreSQL", db.Name)
		case slices.Contains(seen, db.Name):
			v.Problem(key+".name", "%q is there twice", db.Name)
		}
		seen = append(seen, db.Name)
		switch {
		case db.Owner != "" && !validName(db.Owner):
			v.Problem(key+".owner", "%q is no name of a role", db.Owner)
		case db.Name == Superuser && db.Owner != "" && db.Owner != Superuser:
			v.Problem(key+".owner", "the database postgres stays with postgres: Patroni and pgrun work there as superusers; make a database of its own for %s", db.Owner)
		}
		validateState(v, key, db.State)
		validateSettings(v, key+".settings", db.Settings)
		validateExtensions(v, key+".extensions", db.Extensions)
	}
	validateExtensions(v, "extensions", r.Extensions)
}

func validateExtensions(v *runner.View, key string, list []Extension) {
	for i, e := range list {
		at := fmt.Sprintf("%s[%d]", key, i)
		if !validName(e.Name) {
			v.Problem(at, "%q is no name of an extension", e.Name)
		}
		validateState(v, at, e.State)
		if e.Schema != "" && !validName(e.Schema) {
			v.Problem(at+".schema", "%q is no name of a schema", e.Schema)
		}
	}
}

// validName says whether PostgreSQL keeps a name as it is: longer ones are cut.
func validName(name string) bool {
	return name != "" && len(name) <= 63 && !strings.ContainsFunc(name, func(c rune) bool { return c < ' ' || c == 127 })
}
