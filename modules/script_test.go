package modules_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/modules"
)

func TestScriptKeepsValuesAsData(t *testing.T) {
	for value, want := range map[string]string{
		"plain":         `'plain'`,
		"it's":          `'it\'s'`,
		`back\slash`:    `'back\\slash'`,
		"two\nlines\r":  `'two\nlines\r'`,
		`\' \n`:         `'\\\' \\n'`,
		"$(id) `id` :x": "'$(id) `id` :x'",
		"":              `''`,
	} {
		c := modules.Script{Text: "select :'v';", Values: map[string]string{"v": value}}.Command()
		if got, want := string(c.Stdin), `\set v `+want+"\nselect :'v';\n"; got != want {
			t.Errorf("%q: %q, want %q", value, got, want)
		}
		if slices.ContainsFunc(c.Argv, func(arg string) bool { return value != "" && strings.Contains(arg, value) }) {
			t.Errorf("%q is in argv: %q", value, c.Argv)
		}
	}
}

func TestScriptEndsAtWhatPsqlCannotCarry(t *testing.T) {
	for name, value := range map[string]string{"v": "a\x00b", `v \! id`: "x"} {
		c := modules.Script{Text: "select 1", Values: map[string]string{name: value}}.Command()
		if strings.Contains(string(c.Stdin), `\set`) || strings.Contains(string(c.Stdin), `\!`) {
			t.Errorf("%q", c.Stdin)
		}
	}
}

func TestScriptCommand(t *testing.T) {
	c := modules.Script{Bin: "/usr/lib/postgresql/17/bin/psql", Port: 5433, Database: "host=evil", Text: "select 1"}.Command()
	want := `/usr/lib/postgresql/17/bin/psql -X -q -A -t -w -v ON_ERROR_STOP=1 -h /var/run/postgresql -p 5433 -U postgres -d dbname='host=evil' -f -`
	if got := strings.Join(c.Argv, " "); got != want || c.User != "postgres" {
		t.Errorf("%s as %s", got, c.User)
	}
	if err := modules.ReadOnly(c); err != nil {
		t.Error(err)
	}
	c.Argv[0] = "sh"
	if err := modules.ReadOnly(c); err == nil {
		t.Error("any command is read-only once it was a script")
	}
}

// A balancer that somebody else runs may ask for the password in clear.
func TestARemoteScriptSendsNoPasswordInClear(t *testing.T) {
	if c := (modules.Script{Remote: "host=lb1 user=probe"}).Command(); !slices.Contains(c.Env, "PGREQUIREAUTH=scram-sha-256") {
		t.Errorf("environment %q", c.Env)
	}
}

// A database's owner may set what sessions in it begin with, and put functions
// into its schemas. Only what the client asks for goes over that, and of two
// variables of one name the last counts.
func TestScriptPinsItsSession(t *testing.T) {
	for _, script := range []modules.Script{{Text: "select 1"}, {Text: "select 1", Remote: "host=lb1 user=probe"}} {
		c := script.Command()
		for readOnly, c := range map[string]modules.Command{"off": c, "on": c.ReadOnlySession()} {
			var options []string
			for _, v := range c.Env {
				if text, ok := strings.CutPrefix(v, "PGOPTIONS="); ok {
					options = append(options, text)
				}
			}
			if len(options) != 1 {
				t.Fatalf("PGOPTIONS is there %d times: %q", len(options), c.Env)
			}
			for _, pin := range []string{"search_path=pg_catalog", "role=none", "statement_timeout=0", "default_transaction_read_only=" + readOnly} {
				if !strings.Contains(options[0]+" ", "-c "+pin+" ") {
					t.Errorf("%s is not pinned: %s", pin, options[0])
				}
			}
		}
	}
}
