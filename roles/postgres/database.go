package postgres

import (
	"context"
	"fmt"

	"github.com/pgrun/pgrun/modules"
)

// Database is a database of the cluster.
type Database struct {
	// Name is the database's name.
	Name string `yaml:"name"`
	// Owner is a role; "" is postgres. An existing database is given to it.
	// The database postgres stays with postgres: Patroni and pgrun work there.
	Owner string `yaml:"owner"`
	// Extensions are created in this database, beside those of all.
	Extensions []Extension `yaml:"extensions"`
	// Encoding is of a new database; the default is the cluster's, UTF8.
	Encoding string `yaml:"encoding"`
	// Locale is of a new database; the default is the cluster's, C.UTF-8.
	Locale string `yaml:"locale"`
}

type liveDatabase struct {
	Owner        string `json:"owner"`
	Encoding     string `json:"encoding"`
	SameEncoding bool   `json:"same_encoding"` // as the wanted one, which has several names
	Locale       string `json:"locale"`
}

const readDatabase = `SELECT coalesce((SELECT pg_catalog.json_build_object('owner', pg_catalog.pg_get_userbyid(datdba),
  'encoding', pg_catalog.pg_encoding_to_char(encoding),
  'same_encoding', encoding OPERATOR(pg_catalog.=) pg_catalog.pg_char_to_encoding(:'encoding'), 'locale', datcollate)
  FROM pg_catalog.pg_database WHERE datname OPERATOR(pg_catalog.=) :'name'), 'null'::pg_catalog.json);
`

func (d Database) step(s Server) modules.Module {
	values := map[string]string{"name": d.Name, "owner": d.Owner, "encoding": d.Encoding, "locale": d.Locale}
	return modules.Func{Name: "database " + d.Name, Find: func(ctx context.Context, r modules.Reader) (*modules.Change, error) {
		var live *liveDatabase
		if err := s.Query(ctx, r, "postgres", readDatabase, values, &live); err != nil {
			return nil, err
		}
		text, summary, err := d.plan(live)
		if err != nil || text == "" {
			return nil, err
		}
		before := ""
		if live != nil {
			before = "owner: " + live.Owner + "\n"
		}
		return s.exec(summary, before, "owner: "+first(d.Owner, "postgres")+"\n", "postgres", text, values), nil
	}}
}

// plan compares the wanted with the live database; nil is one that is not there.
func (d Database) plan(live *liveDatabase) (text, summary string, err error) {
	if live == nil {
		return d.create(), "is not there", nil
	}
	if d.Encoding != "" && !live.SameEncoding {
		return "", "", d.fixed("encoding", live.Encoding, d.Encoding)
	}
	if d.Locale != "" && d.Locale != live.Locale {
		return "", "", d.fixed("locale", live.Locale, d.Locale)
	}
	if d.Owner != "" && d.Owner != live.Owner {
		return "ALTER DATABASE :\"name\" OWNER TO :\"owner\";\n", "another owner", nil
	}
	return "", "", nil
}

func (d Database) create() string {
	text := `CREATE DATABASE :"name"`
	if d.Owner != "" {
		text += ` OWNER :"owner"`
	}
	if d.Encoding != "" {
		text += ` ENCODING :'encoding'`
	}
	if d.Locale != "" {
		text += ` LOCALE :'locale'`
	}
	if d.Encoding != "" || d.Locale != "" {
		text += ` TEMPLATE template0`
	}
	return text + ";\n"
}

func (d Database) fixed(what, live, wanted string) error {
	return modules.Hint(fmt.Errorf("database %s: its %s is %s and the inventory says %s", d.Name, what, live, wanted),
		"a database keeps its %s: write %s, or dump it, drop it and restore it into a new one", what, live)
}
