package postgres

import (
	"strings"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

// create is the SQL that makes an extension. Its script runs as a superuser,
// with the schema that it is made in first in its search path, and those of the
// extensions that it requires. Who can create there can put a function in the
// way that the script then calls. PostgreSQL vouches for the scripts of trusted
// extensions: the owner makes these himself, and so gains nothing by pgrun.
// The others are made where only superusers create: in the schema itself, or in
// one of the transaction's own from which they move.
func (e Extension) create(database string, live liveExtension) (string, error) {
	const moved = "BEGIN;\nCREATE SCHEMA :\"clean\";\nCREATE EXTENSION :\"name\" SCHEMA :\"clean\";\n" +
		"ALTER EXTENSION :\"name\" SET SCHEMA :\"schema\";\nDROP SCHEMA :\"clean\";\nCOMMIT;\n"
	switch {
	case !live.Known:
		return e.inPlace(live), nil // the server says so
	case live.Trusted && !live.Super:
		return "SET ROLE :\"owner\";\n" + e.inPlace(live), nil
	case live.Beside != "":
		return "", runner.Refuse("the script of the extension %s runs as a superuser, and in the database %s it would look for functions in the schema %s, "+
			"where an extension lies that it requires and others may create functions: give that one a schema of postgres first, "+
			"such as extensions, or make %s by hand", e.Name, database, live.Beside, e.Name)
	case live.Fixed != "" && live.FixedOpen:
		return "", e.open(database, live.Fixed, "which it demands")
	case live.Fixed != "" || !live.Open:
		return e.inPlace(live), nil
	case live.Relocatable && !live.Requires:
		return moved, nil
	}
	return "", e.open(database, e.schema(), "which it would lie in")
}

// inPlace makes the extension in its schema.
func (e Extension) inPlace(live liveExtension) string {
	const placed = "CREATE EXTENSION IF NOT EXISTS :\"name\" SCHEMA :\"schema\" CASCADE;\n"
	switch {
	case live.Fixed != "":
		return "CREATE EXTENSION IF NOT EXISTS :\"name\" CASCADE;\n"
	case e.Schema != "" && !live.Schema:
		// One that somebody made since we looked would be his: then this fails.
		return "BEGIN;\nCREATE SCHEMA :\"schema\";\n" + placed + "COMMIT;\n"
	}
	return placed
}

// open refuses, since a superuser would run what others wrote.
func (e Extension) open(database, schema, which string) error {
	return runner.Refuse("the script of the extension %s runs as a superuser, and in the database %s others may create functions in the schema %s, %s: "+
		"write extensions: [{name: %s, schema: extensions}], which pgrun makes for postgres alone, or make the extension by hand", e.Name, database, schema, which, e.Name)
}

func (e Extension) explain(err error) error {
	if err == nil {
		return nil
	}
	return modules.Hint(err, "where the server does not have it, name the package that does in postgres.packages, for instance postgresql-17-%s",
		strings.ReplaceAll(e.Name, "_", "-"))
}
