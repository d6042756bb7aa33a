package postgres

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/pgrun/pgrun/config"
	"github.com/pgrun/pgrun/modules"
)

// Own are the roles that Patroni makes with a new cluster, as it makes them:
// in a cluster that it took over they may be missing.
func Own(superuser, replication, rewind config.Secret) []DatabaseRole {
	return []DatabaseRole{
		{Name: Superuser, Password: superuser, Superuser: true, CreateDB: true, CreateRole: true, Replication: true, BypassRLS: true},
		{Name: Replicator, Password: replication, Replication: true},
		{Name: RewindUser, Password: rewind},
	}
}

// rewinds lets a role read the files that pg_rewind copies.
func rewinds(s Server, role string) modules.Module {
	functions := []string{
		"pg_catalog.pg_ls_dir(text, boolean, boolean)", "pg_catalog.pg_stat_file(text, boolean)",
		"pg_catalog.pg_read_binary_file(text)", "pg_catalog.pg_read_binary_file(text, bigint, bigint, boolean)",
	}
	// In check mode the role may only be about to be made.
	const read = `SELECT pg_catalog.to_json(CASE WHEN EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname OPERATOR(pg_catalog.=) :'name') THEN NOT EXISTS (
  SELECT FROM pg_catalog.json_array_elements_text(:'functions'::pg_catalog.json) f WHERE NOT pg_catalog.has_function_privilege(:'name', f, 'execute'))
  ELSE false END);
`
	return modules.Func{Name: "role " + role + " may run pg_rewind", Find: func(ctx context.Context, r modules.Reader) (*modules.Change, error) {
		list, err := json.Marshal(functions)
		if err != nil {
			return nil, err
		}
		var may bool
		values := map[string]string{"name": role, "functions": string(list)}
		if err := s.Query(ctx, r, "postgres", read, values, &may); err != nil || may {
			return nil, err
		}
		return s.exec("it may not", "", lines(functions...), "postgres",
			"GRANT EXECUTE ON FUNCTION "+strings.Join(functions, ", ")+" TO :\"name\";\n", values), nil
	}}
}
