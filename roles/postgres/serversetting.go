package postgres

import (
	"context"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/pgrun/pgrun/modules"
)

// Setting is a row of pg_settings: what a setting may be and what runs.
type Setting struct {
	Name    string `json:"name"`
	Text    string `json:"setting"` // as SHOW has it in pgrun's own session
	Unit    string `json:"unit"`    // of numbers without one: 8kB, ms; "" is none
	Context string `json:"context"` // postmaster: a change needs a restart
	Type    string `json:"vartype"` // bool, integer, real, string or enum
	// Least and Most bound a number, in Unit.
	Least string `json:"min_val"`
	Most  string `json:"max_val"`
	// Values are those of an enum, without the ones that PostgreSQL hides.
	Values  []string `json:"enumvals"`
	Default string   `json:"boot_val"`
	// Reset is the value that a session begins with: numbers in Unit, and what
	// SHOW takes from the connection (tcp_keepalives_idle) as it was set.
	Reset          string `json:"reset_val"`
	Source         string `json:"source"`
	File           string `json:"sourcefile"`
	PendingRestart bool   `json:"pending_restart"`
}

// Settings reads all of the server's settings by their names. Those with a dot
// in the name are there when their library is loaded or something sets them.
func (s Server) Settings(ctx context.Context, r modules.Reader) (map[string]Setting, error) {
	const read = `SELECT pg_catalog.json_agg(s) FROM (SELECT name, setting, unit, context, vartype, min_val, max_val, enumvals,
  boot_val, reset_val, source, sourcefile, pending_restart FROM pg_catalog.pg_settings) s;
`
	var rows []Setting
	if err := s.Query(ctx, r, "postgres", read, nil, &rows); err != nil {
		return nil, err
	}
	return ByName(rows), nil
}

// ByName keys rows of pg_settings by their names in lower case.
func ByName(rows []Setting) map[string]Setting {
	all := make(map[string]Setting, len(rows))
	for _, row := range rows {
		all[strings.ToLower(row.Name)] = row
	}
	return all
}

// Same says whether a text in postgresql.conf means the value that runs.
func (s Setting) Same(text string) bool {
	if s.equal(text, s.Reset) {
		return true
	}
	// The server works out the size of some buffers by itself: -1 of
	// wal_buffers runs as a number.
	return s.Source == "override" && s.equal(text, s.Default)
}

// equal says whether two texts mean the same value. The second is PostgreSQL's
// own: a number without a unit, and a real one with six digits.
func (s Setting) equal(text, known string) bool {
	switch s.Type {
	case "bool":
		a, ok := boolean(text)
		b, also := boolean(known)
		return ok && also && a == b
	case "integer", "real":
		a, err := s.number(text)
		b, err2 := strconv.ParseFloat(known, 64)
		return err == nil && err2 == nil && (a == b || s.Type == "real" && sixDigits(a) == sixDigits(b))
	case "enum":
		value, ok := s.choice(text)
		return ok && value == known
	}
	return s.sameText(text, known)
}

func sixDigits(value float64) string { return strconv.FormatFloat(value, 'g', 6, 64) }

// sameText compares texts. Of a list the server keeps what it was given, or
// puts it together itself, so the spaces and quotes around its words say nothing.
func (s Setting) sameText(text, known string) bool {
	if text == known {
		return true
	}
	switch strings.ToLower(s.Name) {
	case "datestyle", "timezone", "log_timezone", "client_encoding":
		return slices.EqualFunc(words(text), words(known), strings.EqualFold)
	case "shared_preload_libraries", "session_preload_libraries", "local_preload_libraries",
		"unix_socket_directories":
		return slices.Equal(words(text), words(known))
	case "search_path", "temp_tablespaces", "log_destination", "listen_addresses", "debug_io_direct",
		"wal_consistency_checking", "createrole_self_grant":
		return slices.EqualFunc(words(text), words(known), sameWord)
	}
	return false
}

// words are those of a list, with their quotes.
func words(list string) []string {
	var all []string
	quoted, begin := false, 0
	for i, c := range list + "," {
		switch {
		case c == '"':
			quoted = !quoted
		case c == ',' && (!quoted || i == len(list)):
			all = append(all, strings.TrimSpace(list[begin:i]))
			begin = i + 1
		}
	}
	if len(all) == 1 && all[0] == "" {
		return nil
	}
	return all
}

// sameWord compares identifiers: without quotes their case says nothing, and
// quotes around what is lower case anyway neither.
func sameWord(a, b string) bool {
	plain := func(word string) string {
		if inner, ok := strings.CutPrefix(word, `"`); ok {
			return strings.ReplaceAll(strings.TrimSuffix(inner, `"`), `""`, `"`)
		}
		return strings.ToLower(word)
	}
	return plain(a) == plain(b)
}

func round(value float64) float64 { return math.RoundToEven(value) }

// Alike says whether two texts in postgresql.conf mean the same value.
func (s Setting) Alike(a, b string) bool {
	if a == b {
		return true
	}
	switch s.Type {
	case "integer", "real":
		x, err := s.number(a)
		y, err2 := s.number(b)
		return err == nil && err2 == nil && x == y
	case "enum":
		x, ok := s.choice(a)
		y, ok2 := s.choice(b)
		return ok && ok2 && x == y
	}
	return s.equal(a, b)
}

// OfSession says whether the value is of pgrun's own session: of its role, its
// database or its options. Another session may run with another.
func (s Setting) OfSession() bool {
	return slices.Contains([]string{"database", "user", "database user", "client", "session"}, s.Source)
}

// Runs is the value that runs as the operator would write it.
func (s Setting) Runs() string {
	value, err := strconv.ParseFloat(s.Reset, 64)
	if err != nil || s.Unit == "" || value < 0 {
		return s.Reset
	}
	return s.amount(value)
}
