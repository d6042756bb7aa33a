package postgres

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/pgrun/pgrun/runner"
)

var (
	folderName    = regexp.MustCompile(`^(/[A-Za-z0-9._-]+)+$`)
	packageName   = regexp.MustCompile(`^[a-z0-9][a-z0-9+.-]+$`)
	parameterName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)?$`)
)

// managed are the settings that belong to Patroni or to other keys.
func managed() map[string]string {
	return map[string]string{
		"port":                      "write postgres.port",
		"listen_addresses":          "Patroni sets it from the host's address",
		"data_directory":            "write postgres.data_dir",
		"hba_file":                  "write postgres.hba",
		"ident_file":                "Patroni keeps it beside the data",
		"config_file":               "Patroni keeps it beside the data",
		"primary_conninfo":          "Patroni sets it",
		"primary_slot_name":         "Patroni sets it",
		"hot_standby":               "Patroni sets it",
		"cluster_name":              "Patroni sets it from cluster.name",
		"synchronous_standby_names": "write patroni.synchronous_mode",
		"unix_socket_directories":   "it stays where Debian's clients look",
		"password_encryption":       "it stays scram-sha-256: the verifiers are",
	}
}

// Validate reports what is wrong with the section.
func (r *Role) Validate(v *runner.View) {
	if !v.Host.In("postgres") {
		return
	}
	if !folderName.MatchString(r.DataDir) || path.Clean(r.DataDir) != r.DataDir {
		v.Problem("data_dir", "%q must be an absolute folder of letters, digits, . _ and -, without . or .. in it", r.DataDir)
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
	for i, rule := range r.HBA {
		rule.validate(v, fmt.Sprintf("hba[%d]", i))
	}
}

func (r *Role) validateParameters(v *runner.View) {
	for name, value := range r.Parameters {
		key := "parameters." + name
		if !parameterName.MatchString(name) {
			v.Problem("parameters", "%q is no name of a setting", name)
			continue
		}
		if instead, ok := managed()[strings.ToLower(name)]; ok {
			v.Problem(key, "cannot be set here: %s", instead)
		}
		if _, err := settingText(value); err != nil {
			v.Problem(key, "%v", err)
		}
	}
}

func (r *Role) validateRoles(v *runner.View) {
	var seen []string
	for i, role := range r.Roles {
		key := fmt.Sprintf("roles[%d]", i)
		switch {
		case !validName(role.Name):
			v.Problem(key+".name", "%q is no name of a role; it has 1 to 63 bytes and no control characters", role.Name)
		case strings.HasPrefix(role.Name, "pg_"):
			v.Problem(key+".name", "%q: names that begin with pg_ belong to PostgreSQL", role.Name)
		case role.Name == "postgres":
			v.Problem(key+".name", "postgres is the superuser that Patroni uses; its password is patroni.superuser_password")
		case slices.Contains([]string{"replicator", "rewind_user", "pgrun_probe"}, role.Name):
			v.Problem(key+".name", "%s is a role of pgrun's own, which the role patroni keeps; choose another name", role.Name)
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
		if db.Owner != "" && !validName(db.Owner) {
			v.Problem(key+".owner", "%q is no name of a role", db.Owner)
		}
		for j, name := range db.Extensions {
			if !validName(name) {
				v.Problem(fmt.Sprintf("%s.extensions[%d]", key, j), "%q is no name of an extension", name)
			}
		}
	}
	for i, name := range r.Extensions {
		if !validName(name) {
			v.Problem(fmt.Sprintf("extensions[%d]", i), "%q is no name of an extension", name)
		}
	}
}

// validName says whether PostgreSQL keeps a name as it is: longer ones are cut.
func validName(name string) bool {
	return name != "" && len(name) <= 63 && !strings.ContainsFunc(name, func(c rune) bool { return c < ' ' || c == 127 })
}
