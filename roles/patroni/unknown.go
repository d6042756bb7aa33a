package patroni

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/pgrun/pgrun/roles/postgres"
	"github.com/pgrun/pgrun/runner"
)

// refuseUnknown refuses settings that the server does not know: misspelt, or of
// another version. Patroni would leave them out, and only its log would say so.
// Those of an extension, with a dot in the name, PostgreSQL takes unknown.
func refuseUnknown(ctx context.Context, t *runner.Target, pg *postgres.Role) error {
	var names []string
	for name, value := range pg.Parameters {
		if value != nil && !strings.Contains(name, ".") {
			names = append(names, strings.ToLower(name))
		}
	}
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	list, err := json.Marshal(names)
	if err != nil {
		return err
	}
	const read = `SELECT coalesce(pg_catalog.json_agg(n), '[]'::pg_catalog.json) FROM pg_catalog.json_array_elements_text(:'names'::pg_catalog.json) n
  WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_settings WHERE pg_catalog.lower(name) OPERATOR(pg_catalog.=) n);
`
	var unknown []string
	if err := server(t.Observer).Query(ctx, t, "postgres", read, map[string]string{"names": string(list)}, &unknown); err != nil || len(unknown) == 0 {
		return err
	}
	return runner.Refuse("PostgreSQL %d knows no setting %s (postgres.parameters): correct it, or take it out where another version had it",
		clusterSection(t.View).PostgresVersion, strings.Join(unknown, ", "))
}
