package postgres

import (
	"strings"
	"testing"

	"github.com/pgrun/pgrun/runner"
)

// The owner of a database may create in its schema public. What a superuser
// runs there would call his functions.
func TestExtensionsAreMadeWhereOnlySuperusersCreate(t *testing.T) {
	plain := liveExtension{Known: true, Owner: "app", Schema: true, Open: true}
	with := func(change func(*liveExtension)) liveExtension {
		live := plain
		change(&live)
		return live
	}
	for _, c := range []struct {
		name   string
		schema string
		live   liveExtension
		want   string // "" is a refusal
	}{
		{"trusted", "", with(func(l *liveExtension) { l.Trusted = true }), "SET ROLE :\"owner\";\nCREATE EXTENSION IF NOT EXISTS :\"name\" SCHEMA"},
		{"trusted, in a new schema", "own", with(func(l *liveExtension) { l.Trusted, l.Schema = true, false }), "SET ROLE :\"owner\";\nBEGIN;\nCREATE SCHEMA"},
		{"the owner is a superuser", "", with(func(l *liveExtension) { l.Trusted, l.Super, l.Open = true, true, false }), "CREATE EXTENSION IF NOT EXISTS :\"name\" SCHEMA"},
		{"it can move", "", with(func(l *liveExtension) { l.Relocatable = true }), "BEGIN;\nCREATE SCHEMA :\"clean\";\nCREATE EXTENSION :\"name\" SCHEMA :\"clean\";"},
		{"it can move, and looks beside", "", with(func(l *liveExtension) { l.Relocatable, l.Requires = true, true }), ""},
		{"it cannot move", "", plain, ""},
		{"in a new schema", "extensions", with(func(l *liveExtension) { l.Schema, l.Open = false, false }), "BEGIN;\nCREATE SCHEMA :\"schema\";\nCREATE EXTENSION"},
		{"in a schema of postgres", "extensions", with(func(l *liveExtension) { l.Open = false }), "CREATE EXTENSION IF NOT EXISTS :\"name\" SCHEMA"},
		{"in a schema of the owner", "extensions", plain, ""},
		{"what it requires lies in the open", "extensions", with(func(l *liveExtension) { l.Open, l.Requires, l.Beside = false, true, "public" }), ""},
		{"in its own schema", "", with(func(l *liveExtension) { l.Fixed = "pg_catalog" }), "CREATE EXTENSION IF NOT EXISTS :\"name\" CASCADE"},
		{"its own schema is the owner's", "", with(func(l *liveExtension) { l.Fixed, l.FixedOpen = "cron", true }), ""},
		{"not installed", "", liveExtension{}, "CREATE EXTENSION"},
	} {
		got, err := Extension{Name: "x", Schema: c.schema}.create("app", c.live)
		if runner.IsRefused(err) != (c.want == "") || !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: %q, %v", c.name, got, err)
		}
	}
}
