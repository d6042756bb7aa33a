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
//
// A database may belong to somebody hostile, who can put functions and
// operators into it and change the settings that its sessions begin with. So
// each session begins with settings of its own (see pins), and the text names
// every function, operator and type by pg_catalog.
type Script struct {
	Bin      string // path of psql; "" is psql on the PATH
	Socket   string // folder of the socket; "" is /var/run/postgresql
	Port     int    // 0 is 5432
	Database string // "" is postgres
	User     string // system user and database role; "" is postgres
	Remote   string // libpq's words for a server elsewhere and who logs in there, instead of Socket, Port and User's role
	Text     string
	Values   map[string]string // may be secret: they travel on stdin
}

// Command returns the psql call that runs the script; only a command made
// here may be a Query, since it sets the session read-only there. The first
// statement that fails ends it (exit 3). The output has a row a line, its
// columns separated by |.
func (s Script) Command() Command {
	user := cmp.Or(s.User, "postgres")
	argv := []string{cmp.Or(s.Bin, "psql"), "-X", "-q", "-A", "-t", "-w", "-v", "ON_ERROR_STOP=1"}
	database := conninfo(cmp.Or(s.Database, "postgres"))
	env := []string{"PGCLIENTENCODING=UTF8", sessionOptions(false)}
	if s.Remote != "" {
		argv = append(argv, "-d", s.Remote+" "+database)
		// Else who answers in the server's place may ask for the password as
		// it is. libpq knows this from version 16 on.
		env = append(env, "PGREQUIREAUTH=scram-sha-256")
	} else {
		argv = append(argv, "-h", cmp.Or(s.Socket, "/var/run/postgresql"), "-p", strconv.Itoa(cmp.Or(s.Port, 5432)), "-U", user, "-d", database)
	}
	return Command{
		Argv:   append(argv, "-f", "-"),
		Env:    env,
		Stdin:  []byte(s.variables() + s.Text + "\n"),
		User:   user,
		script: true,
	}
}

// pins are the settings of a script's session. The client's word goes over
// what ALTER DATABASE or ALTER ROLE set, which a database's owner may do.
func pins() []string {
	return []string{
		"search_path=pg_catalog",         // else the owner's functions and operators are called
		"role=none",                      // the role that logged in
		"local_preload_libraries=",       // else the owner's choice of them is loaded
		"standard_conforming_strings=on", // literals mean what they say
		"statement_timeout=0",            // the command has a deadline
		"idle_in_transaction_session_timeout=0",
		"lock_timeout=30s", // somebody may hold what is needed for ever
		`default_transaction_isolation=read\ committed`,
		"default_transaction_deferrable=off", // it would wait for others' transactions
	}
}

// sessionOptions is the one variable that holds all pins: of two the last counts.
func sessionOptions(readOnly bool) string {
	list := append(pins(), "default_transaction_read_only=off")
	if readOnly {
		list[len(list)-1] = "default_transaction_read_only=on"
	}
	return "PGOPTIONS=-c " + strings.Join(list, " -c ")
}

// IsScript says whether the command was made by Script.Command, so that it may
// be a Query: the Reader then runs what ReadOnlySession returns.
func (c Command) IsScript() bool { return c.script }

// ReadOnlySession is a script's command with a session that is read-only from
// its first statement on.
func (c Command) ReadOnlySession() Command {
	c.Env = slices.DeleteFunc(slices.Clone(c.Env), func(v string) bool { return strings.HasPrefix(v, "PGOPTIONS=") })
	c.Env = append(c.Env, sessionOptions(true))
	return c
}

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
