package postgres

import (
	"context"

	"github.com/pgrun/pgrun/modules"
)

// Live is what a server runs with, and what its files say.
type Live struct {
	Rows    []Setting `json:"settings"`
	Entries []Entry   `json:"entries"`
	HBA     []Wrong   `json:"hba"` // lines of pg_hba.conf that it cannot read
}

// Entry is a row of pg_file_settings: a line of a configuration file, in the
// order in which they count.
type Entry struct {
	File    string `json:"sourcefile"`
	Line    int    `json:"sourceline"`
	Name    string `json:"name"`
	Text    string `json:"setting"`
	Applied bool   `json:"applied"`
	Error   string `json:"error"`
}

// Wrong is a line of a file that the server cannot read, and why.
type Wrong struct {
	Line  int    `json:"line_number"`
	Error string `json:"error"`
}

const readServer = `SELECT pg_catalog.json_build_object(
  'settings', (SELECT pg_catalog.json_agg(s) FROM (SELECT name, setting, unit, context, vartype, min_val, max_val, enumvals,
    boot_val, reset_val, source, sourcefile, pending_restart FROM pg_catalog.pg_settings) s),
  'entries', (SELECT coalesce(pg_catalog.json_agg(f), '[]'::pg_catalog.json) FROM (SELECT sourcefile, sourceline, name, setting, applied, error
    FROM pg_catalog.pg_file_settings ORDER BY seqno) f),
  'hba', (SELECT coalesce(pg_catalog.json_agg(h), '[]'::pg_catalog.json) FROM (SELECT line_number, error
    FROM pg_catalog.pg_hba_file_rules WHERE error IS NOT NULL ORDER BY line_number) h));
`

// Live asks the server, in one go.
func (s Server) Live(ctx context.Context, r modules.Reader) (Live, error) {
	var live Live
	err := s.Query(ctx, r, "postgres", readServer, nil, &live)
	return live, err
}
