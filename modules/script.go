package modules

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Script is SQL for psql, run as a system user over the local socket. Values
// are psql variables (`:'name'` in the text), so nothing is ever spliced in.
type Script struct {
	Bin      string // path of psql; "" is psql on the PATH
	Socket   string // folder of the socket; "" is /var/run/postgresql
	Port     int    // 0 is 5432
	Database string // "" is postgres
	User     string // system user and database role; "" is postgres
	Text     string
	Values   map[string]string // may be secret: they travel on stdin
}

// Command returns the psql call that runs the script; only a command made
// here may be a Query, since it sets the session read-only there. The first
// statement that fails ends it (exit 3). The output has a row a line, its
// columns separated by |.
func (s Script) Command() Command {
	user := cmp.Or(s.User, "postgres")
	return Command{
		Argv: []string{
			cmp.Or(s.Bin, "psql"), "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1",
			"-h", cmp.Or(s.Socket, "/var/run/postgresql"), "-p", strconv.Itoa(cmp.Or(s.Port, 5432)),
			"-U", user, "-d", conninfo(cmp.Or(s.Database, "postgres")), "-f", "-",
		},
		Env:    []string{"PGCLIENTENCODING=UTF8"},
		Stdin:  []byte(s.variables() + s.Text + "\n"),
		User:   user,
		script: true,
	}
}

// IsScript says whether the command was made by Script.Command, so that it may
// be a Query: the Reader then adds ReadOnlySession to its environment.
func (c Command) IsScript() bool { return c.script }

// ReadOnlySession makes psql's session read-only from its first statement on.
const ReadOnlySession = "PGOPTIONS=-c default_transaction_read_only=on"

// conninfo names a database so that psql takes it for nothing else: what has
// an = or looks like a URL would be a whole connection string.
func conninfo(database string) string {
	return "dbname='" + strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(database) + "'"
}

func (s Script) variables() string {
	var text strings.Builder
	name := regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
	for _, key := range slices.Sorted(maps.Keys(s.Values)) {
		switch {
		case !name.MatchString(key):
			text.WriteString("\\a_variable_name_is_not_valid\n") // psql ends at a command that it does not know
		case strings.Contains(s.Values[key], "\x00"):
			fmt.Fprintf(&text, "\\the_value_of_%s_has_a_null_byte\n", key)
		default:
			fmt.Fprintf(&text, "\\set %s %s\n", key, quoteVariable(s.Values[key]))
		}
	}
	return text.String()
}

// quoteVariable quotes for a psql meta-command: within single quotes psql
// takes C's escapes, and ends the command at a real line break.
func quoteVariable(value string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`, "\r", `\r`).Replace(value) + "'"
}
