package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

const (
	statePresent = "present"
	stateAbsent  = "absent"
)

func present(roles []DatabaseRole) []DatabaseRole {
	return slices.DeleteFunc(slices.Clone(roles), DatabaseRole.absent)
}

func (d DatabaseRole) absent() bool { return d.State == stateAbsent }

func (d Database) absent() bool { return d.State == stateAbsent }

// holding is what keeps a role from being dropped.
type holding struct {
	Role     string `json:"role"`
	Database string `json:"database"` // "" is what all databases share
	Kind     string `json:"kind"`     // o: it owns, else it has privileges on
	Count    int    `json:"count"`
}

const readHoldings = `SELECT coalesce(pg_catalog.json_agg(h), '[]'::pg_catalog.json) FROM (
  SELECT r.rolname AS role, coalesce(d.datname, '') AS database, s.deptype AS kind, pg_catalog.count(*) AS count
  FROM pg_catalog.pg_shdepend s JOIN pg_catalog.pg_roles r ON r.oid OPERATOR(pg_catalog.=) s.refobjid
  JOIN pg_catalog.json_array_elements_text(:'roles'::pg_catalog.json) w ON w OPERATOR(pg_catalog.=) r.rolname
  LEFT JOIN pg_catalog.pg_database d ON d.oid OPERATOR(pg_catalog.=) s.dbid
  WHERE s.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_authid'::pg_catalog.regclass
    AND NOT EXISTS (SELECT FROM pg_catalog.json_array_elements_text(:'databases'::pg_catalog.json) g
      JOIN pg_catalog.pg_database b ON b.datname OPERATOR(pg_catalog.=) g WHERE b.oid OPERATOR(pg_catalog.=) s.dbid
      OR s.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_database'::pg_catalog.regclass AND b.oid OPERATOR(pg_catalog.=) s.objid)
  GROUP BY 1, 2, 3 ORDER BY 1, 2, 3) h;
`

// refuseGoing refuses what cannot go, or should not, before anything is
// changed. What a role owns is not dropped with it: that is data.
func (r *Role) refuseGoing(ctx context.Context, reader modules.Reader, v *survey, live *liveCluster) error {
	databases := []string{}
	for _, db := range r.Databases {
		if there := live.Databases[db.Name]; db.absent() && there != nil {
			if err := db.mayGo(there); err != nil {
				return err
			}
			databases = append(databases, db.Name)
		}
	}
	roles := []string{}
	for _, role := range r.Roles {
		if there := live.Roles[role.Name]; role.absent() && there != nil {
			if there.Sessions > 0 {
				return runner.Refuse("the role %s has %d open sessions and cannot go: write nologin: true first, which keeps it out, and end them by pg_terminate_backend", role.Name, there.Sessions)
			}
			roles = append(roles, role.Name)
		}
	}
	if len(roles) == 0 {
		return nil
	}
	return refuseHolding(ctx, reader, v, roles, databases)
}

// refuseHolding lists all that the roles hold, but for databases that go too.
func refuseHolding(ctx context.Context, reader modules.Reader, v *survey, roles, databases []string) error {
	names, err := json.Marshal(roles)
	if err != nil {
		return err
	}
	going, err := json.Marshal(databases)
	if err != nil {
		return err
	}
	var held []holding
	if err := v.Query(ctx, reader, "postgres", readHoldings, map[string]string{"roles": string(names), "databases": string(going)}, &held); err != nil {
		return err
	}
	var list []string
	for _, h := range held {
		what := "has privileges on"
		if h.Kind == "o" {
			what = "owns"
		}
		where := "in the database " + h.Database
		if h.Database == "" {
			where = "that all databases share (databases, tablespaces)"
		}
		list = append(list, fmt.Sprintf("%s %s %d objects %s", h.Role, what, h.Count, where))
	}
	if len(list) == 0 {
		return nil
	}
	return runner.Refuse("roles with state: absent cannot go: %s. In each of these databases: REASSIGN OWNED BY the role TO another, then DROP OWNED BY it, "+
		"which then takes privileges back only; or write nologin: true instead of state: absent", strings.Join(list, "; "))
}

// mayGo asks for the name twice: a wrong line of the inventory is no reason to
// delete data.
func (d Database) mayGo(live *liveDatabase) error {
	switch {
	case d.DropData != d.Name:
		return runner.Refuse("the database %s has state: absent, and dropping it deletes its data: write drop_data: %s too, if that is meant", d.Name, d.Name)
	case live.Sessions > 0:
		return runner.Refuse("the database %s has %d open sessions and is not dropped: stop what uses it first", d.Name, live.Sessions)
	}
	return nil
}

// going drops databases, then roles.
func (r *Role) going(v *survey) []modules.Module {
	var steps []modules.Module
	drop := func(what, name, text string, there func(*liveCluster) bool) {
		steps = append(steps, modules.Func{Name: "no " + what + " " + name, Find: func(ctx context.Context, reader modules.Reader) (*modules.Change, error) {
			live, err := v.read(ctx, reader)
			if err != nil || !there(live) {
				return nil, err
			}
			return v.exec("is there", name+"\n", "", text, map[string]string{"name": name}), nil
		}})
	}
	for _, db := range r.Databases {
		if db.absent() {
			drop("database", db.Name, "DROP DATABASE :\"name\";\n", func(l *liveCluster) bool { return l.Databases[db.Name] != nil })
		}
	}
	for _, role := range r.Roles {
		if role.absent() {
			drop("role", role.Name, "DROP ROLE :\"name\";\n", func(l *liveCluster) bool { return l.Roles[role.Name] != nil })
		}
	}
	return steps
}
