package postgres

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// liveSettings are those of a role, a database, or a role in a database.
type liveSettings struct {
	Role     string   `json:"role"`
	Database string   `json:"database"`
	List     []string `json:"list"` // name=value
}

// scope is for whom settings are: sessions of a role, of a database, or both.
type scope struct {
	role, database string
	wanted         map[string]any
}

// settingSteps bring the settings of roles and databases. Where the inventory
// names settings these are all: others of the same scope are reset.
func (r *Role) settingSteps(v *survey) []modules.Module {
	var steps []modules.Module
	for _, db := range r.Databases {
		if db.Settings != nil && !db.absent() {
			steps = append(steps, scope{database: db.Name, wanted: db.Settings}.step(v))
		}
	}
	for _, role := range present(r.Roles) {
		if role.Settings != nil {
			steps = append(steps, scope{role: role.Name, wanted: role.Settings}.step(v))
		}
		for _, name := range slices.Sorted(maps.Keys(role.SettingsIn)) {
			steps = append(steps, scope{role: role.Name, database: name, wanted: role.SettingsIn[name]}.step(v))
		}
	}
	return steps
}

func (c scope) String() string {
	switch {
	case c.role == "":
		return "database " + c.database
	case c.database == "":
		return "role " + c.role
	}
	return "role " + c.role + " in database " + c.database
}

func (c scope) step(v *survey) modules.Module {
	return modules.Func{Name: "settings of " + c.String(), Find: func(ctx context.Context, r modules.Reader) (*modules.Change, error) {
		cluster, err := v.read(ctx, r)
		if err != nil {
			return nil, err
		}
		live := map[string]string{}
		for _, s := range cluster.Settings {
			if s.Role == c.role && s.Database == c.database {
				for _, line := range s.List {
					name, value, _ := strings.Cut(line, "=")
					live[strings.ToLower(name)] = value // PostgreSQL keeps TimeZone
				}
			}
		}
		text, values := c.plan(live)
		if text == "" {
			return nil, nil
		}
		return v.exec("differ", settingLines(live), settingLines(c.texts()), text, values), nil
	}}
}

// texts are the wanted values as PostgreSQL keeps them.
func (c scope) texts() map[string]string {
	texts := map[string]string{}
	for name, value := range c.wanted {
		text, _ := settingText(value) // Validate has said what is none
		texts[strings.ToLower(name)] = text
	}
	return texts
}

// plan is the SQL that makes the live settings the wanted ones.
func (c scope) plan(live map[string]string) (text string, values map[string]string) {
	values = map[string]string{"role": c.role, "database": c.database}
	target := `ALTER ROLE :"role"`
	switch {
	case c.role == "":
		target = `ALTER DATABASE :"database"`
	case c.database != "":
		target += ` IN DATABASE :"database"`
	}
	wanted := c.texts()
	for i, name := range slices.Sorted(maps.Keys(wanted)) {
		if has, is := live[name]; is && same(name, has, wanted[name]) {
			continue
		}
		var list []string
		for j, value := range elements(name, wanted[name]) {
			key := fmt.Sprintf("v%d_%d", i, j)
			values[key] = value
			list = append(list, ":'"+key+"'")
		}
		text += target + " SET " + identifier(values, fmt.Sprintf("n%d", i), name) + " TO " + strings.Join(list, ", ") + ";\n"
	}
	for i, name := range slices.Sorted(maps.Keys(live)) {
		if _, is := wanted[name]; !is {
			text += target + " RESET " + identifier(values, fmt.Sprintf("r%d", i), name) + ";\n"
		}
	}
	if text == "" {
		return "", nil
	}
	return "BEGIN;\n" + text + "COMMIT;\n", values
}

// identifier is a setting's name as psql's variables: a database's owner may
// have made up the name that is reset.
func identifier(values map[string]string, key, name string) string {
	var parts []string
	for i, part := range strings.Split(name, ".") {
		values[fmt.Sprintf("%s_%d", key, i)] = part
		parts = append(parts, fmt.Sprintf(`:"%s_%d"`, key, i))
	}
	return strings.Join(parts, ".")
}

// elements are a list's, which PostgreSQL quotes one by one.
func elements(name, value string) []string {
	if !slices.Contains([]string{"search_path", "temp_tablespaces", "session_preload_libraries", "local_preload_libraries"}, name) {
		return []string{value}
	}
	var list []string
	for element := range strings.SplitSeq(value, ",") {
		list = append(list, strings.ReplaceAll(strings.Trim(strings.TrimSpace(element), `"`), `""`, `"`))
	}
	return list
}

func same(name, live, wanted string) bool {
	return slices.Equal(elements(name, live), elements(name, wanted))
}

func settingLines(values map[string]string) string {
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(values)) {
		fmt.Fprintf(&text, "%s: %s\n", name, values[name])
	}
	return text.String()
}

func validateSettings(v *runner.View, key string, settings map[string]any) {
	for name, value := range settings {
		text, err := settingText(value)
		switch {
		case !parameterName.MatchString(name):
			v.Problem(key, "%q is no name of a setting", name)
		case err != nil:
			v.Problem(key+"."+name, "%v", err)
		case value == nil || text == "":
			v.Problem(key+"."+name, "has no value; what is not named here is reset")
		case slices.Contains([]string{"role", "session_authorization"}, strings.ToLower(name)):
			v.Problem(key+"."+name, "would make every session another role's")
		}
	}
}
