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
	// Settings are what sessions in it begin with. Where they are given, other
	// settings of the database are reset; {} resets all.
	Settings map[string]any `yaml:"settings"`
	// State is present, the default, or absent. Leave the line of what shall be
	// gone: without it the database stays.
	State string `yaml:"state"`
	// DropData is the database's name once more. Without it state: absent
	// drops no database, since its data goes with it; one that has open
	// sessions is not dropped at all.
	DropData string `yaml:"drop_data"`
}

type liveDatabase struct {
	Owner        string `json:"owner"`
	Encoding     string `json:"encoding"`
	SameEncoding bool   `json:"same_encoding"` // as the wanted one, which has several names
	Locale       string `json:"locale"`
	Sessions     int    `json:"sessions"`
}

func (d Database) step(v *survey) modules.Module {
	values := map[string]string{"name": d.Name, "owner": d.Owner, "encoding": d.Encoding, "locale": d.Locale}
	return modules.Func{Name: "database " + d.Name, Find: func(ctx context.Context, r modules.Reader) (*modules.Change, error) {
		cluster, err := v.read(ctx, r)
		if err != nil {
			return nil, err
		}
		live := cluster.Databases[d.Name]
		text, summary, err := d.plan(live)
		if err != nil || text == "" {
			return nil, err
		}
		before := ""
		if live != nil {
			before = "owner: " + live.Owner + "\n"
		}
		return v.exec(summary, before, "owner: "+first(d.Owner, "postgres")+"\n", text, values), nil
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
