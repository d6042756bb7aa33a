package postgres

import (
	"cmp"
	"context"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// Extension is an extension of a database; its name alone will do.
type Extension struct {
	// Name is the extension's name.
	Name string `yaml:"name"`
	// Schema is where it lies; one that is missing is made. The default is
	// public, or what the extension itself demands. Its script runs as a
	// superuser, so an extension that PostgreSQL does not trust is not made
	// where others may put functions in its way: it then needs a schema of
	// postgres, such as extensions.
	Schema string `yaml:"schema"`
	// State is present, the default, or absent: it is dropped, unless other
	// objects of the database need it.
	State string `yaml:"state"`
}

// UnmarshalText reads the short form, the name.
func (e *Extension) UnmarshalText(text []byte) error {
	e.Name = string(text)
	return nil
}

// liveExtension is what a database knows about an extension.
type liveExtension struct {
	There       bool   `json:"there"`   // it is in the database
	Lies        string `json:"lies"`    // in this schema
	Known       bool   `json:"known"`   // the server has its files
	Trusted     bool   `json:"trusted"` // an owner of a database may make it
	Relocatable bool   `json:"relocatable"`
	Fixed       string `json:"fixed"`     // the schema that it demands
	Requires    bool   `json:"requires"`  // other extensions
	Beside      string `json:"beside"`    // an open schema with one that it requires: its script looks there too
	Owner       string `json:"owner"`     // of the database
	Super       bool   `json:"super"`     // is the owner
	Schema      bool   `json:"schema"`    // the wanted one exists
	Open        bool   `json:"open"`      // others than superusers may create in it
	FixedOpen   bool   `json:"fixedopen"` // in that which it demands
}

// readExtension calls a schema open in which others than superusers can create.
const readExtension = `WITH RECURSIVE
version AS (
  SELECT v.* FROM pg_catalog.pg_available_extensions() a
  JOIN pg_catalog.pg_available_extension_versions() v ON v.name OPERATOR(pg_catalog.=) a.name AND v.version OPERATOR(pg_catalog.=) a.default_version),
need AS (
  SELECT pg_catalog.unnest(requires) AS name FROM version WHERE name OPERATOR(pg_catalog.=) :'name'
  UNION SELECT pg_catalog.unnest(v.requires) FROM need n JOIN version v ON v.name OPERATOR(pg_catalog.=) n.name),
owner AS (
  SELECT rolname, rolsuper FROM pg_catalog.pg_database d JOIN pg_catalog.pg_roles r ON r.oid OPERATOR(pg_catalog.=) d.datdba
  WHERE d.datname OPERATOR(pg_catalog.=) pg_catalog.current_database()),
schema AS (
  SELECT s.oid, s.nspname, NOT (r.rolsuper OR r.rolname OPERATOR(pg_catalog.=) 'pg_database_owner' AND (SELECT rolsuper FROM owner))
    OR EXISTS (SELECT FROM pg_catalog.aclexplode(s.nspacl) a LEFT JOIN pg_catalog.pg_roles g ON g.oid OPERATOR(pg_catalog.=) a.grantee
      WHERE a.privilege_type OPERATOR(pg_catalog.=) 'CREATE' AND a.grantee OPERATOR(pg_catalog.<>) s.nspowner AND g.rolsuper IS NOT TRUE) AS open
  FROM pg_catalog.pg_namespace s JOIN pg_catalog.pg_roles r ON r.oid OPERATOR(pg_catalog.=) s.nspowner),
there AS (
  SELECT e.extname, s.nspname, s.open FROM pg_catalog.pg_extension e JOIN schema s ON s.oid OPERATOR(pg_catalog.=) e.extnamespace)
SELECT pg_catalog.json_build_object(
  'there', t.extname IS NOT NULL, 'lies', t.nspname, 'known', v.name IS NOT NULL, 'trusted', v.trusted, 'relocatable', v.relocatable, 'fixed', v.schema,
  'requires', EXISTS (SELECT FROM need),
  'beside', (SELECT pg_catalog.min(o.nspname::pg_catalog.text) FROM there o JOIN need n ON n.name OPERATOR(pg_catalog.=) o.extname WHERE o.open),
  'owner', (SELECT rolname FROM owner), 'super', (SELECT rolsuper FROM owner), 'schema', w.oid IS NOT NULL, 'open', w.open, 'fixedopen', f.open)
FROM (SELECT) one
LEFT JOIN version v ON v.name OPERATOR(pg_catalog.=) :'name'
LEFT JOIN there t ON t.extname OPERATOR(pg_catalog.=) :'name'
LEFT JOIN schema w ON w.nspname OPERATOR(pg_catalog.=) :'schema'
LEFT JOIN schema f ON f.nspname OPERATOR(pg_catalog.=) v.schema;
`

func (e Extension) step(v *survey, database string) modules.Module {
	s := v.Server
	values := map[string]string{"name": e.Name, "schema": e.schema()}
	return modules.Func{Name: "extension " + e.Name + " in " + database, Find: func(ctx context.Context, r modules.Reader) (*modules.Change, error) {
		cluster, err := v.read(ctx, r)
		if err != nil {
			return nil, err
		}
		there := cluster.Databases[database] != nil // in check mode it may only be about to be made
		var live liveExtension
		if there {
			if err := s.Query(ctx, r, database, readExtension, values, &live); err != nil {
				return nil, err
			}
			if e.State == stateAbsent {
				return e.drop(s, database, live, values), nil
			}
			if live.There {
				return nil, e.elsewhere(database, live)
			}
			if _, err := e.create(database, live); err != nil {
				return nil, err
			}
		}
		if e.State == stateAbsent {
			return nil, nil
		}
		return &modules.Change{Summary: "is not there", After: []byte(e.Name + "\n"), Apply: func(ctx context.Context, h modules.Host) error {
			return e.make(ctx, h, s, database, values)
		}}, nil
	}}
}

func (e Extension) drop(s Server, database string, live liveExtension, values map[string]string) *modules.Change {
	if !live.There {
		return nil
	}
	return s.exec("is there", e.Name+"\n", "", database, "DROP EXTENSION :\"name\";\n", values)
}

// make looks once more, since the database may have been made just now.
func (e Extension) make(ctx context.Context, h modules.Host, s Server, database string, values map[string]string) error {
	var live liveExtension
	if err := s.Query(ctx, h, database, readExtension, values, &live); err != nil {
		return err
	}
	text, err := e.create(database, live)
	if err != nil {
		return err
	}
	all := map[string]string{"owner": live.Owner, "clean": "pgrun makes " + e.Name}
	for name, value := range values {
		all[name] = value
	}
	_, err = h.Exec(ctx, s.Script(ctx, h, database, text, all).Command())
	return e.explain(err)
}

func (e Extension) schema() string { return cmp.Or(e.Schema, "public") }

// elsewhere says that an extension lies in another schema than it should.
func (e Extension) elsewhere(database string, live liveExtension) error {
	if e.Schema == "" || e.Schema == live.Lies {
		return nil
	}
	return runner.Refuse("the extension %s of the database %s lies in the schema %s, and the inventory says %s: write that, "+
		"or move it by ALTER EXTENSION ... SET SCHEMA where what uses it allows that", e.Name, database, live.Lies, e.Schema)
}
