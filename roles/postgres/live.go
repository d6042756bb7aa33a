package postgres

import (
	"context"
	"encoding/json"

	"github.com/pgrun/pgrun/modules"
)

// liveCluster is what the cluster has of what the section names, and which
// other roles can log in.
type liveCluster struct {
	Roles     map[string]*liveRole     `json:"roles"`
	Members   []liveMember             `json:"members"`
	Databases map[string]*liveDatabase `json:"databases"`
	Settings  []liveSettings           `json:"settings"`
	Others    []otherRole              `json:"others"`
	More      int                      `json:"more"` // of all others, those above too
}

type liveMember struct {
	Group  string `json:"group"`
	Member string `json:"member"`
}

// otherRole is one that the inventory does not have.
type otherRole struct {
	Name  string `json:"name"`
	Super bool   `json:"super"`
}

// readLive asks for all at once: a process a question would take longer than
// all the rest of a second run. Only of what is named, since a cluster may have
// thousands of roles, and what a command prints is bounded.
const readLive = `WITH
role AS (SELECT pg_catalog.json_array_elements_text(:'roles'::pg_catalog.json) AS name),
base AS (SELECT pg_catalog.json_object_field_text(e, 'name') AS name, pg_catalog.json_object_field_text(e, 'encoding') AS encoding
  FROM pg_catalog.json_array_elements(:'databases'::pg_catalog.json) e),
other AS (SELECT rolname, rolsuper FROM pg_catalog.pg_roles WHERE (rolcanlogin OR rolsuper)
  AND NOT EXISTS (SELECT FROM role WHERE name OPERATOR(pg_catalog.=) rolname)),
shown AS (SELECT rolname, rolsuper FROM other ORDER BY rolsuper DESC, rolname LIMIT 20)
SELECT pg_catalog.json_build_object(
'roles', (SELECT pg_catalog.json_object_agg(rolname, pg_catalog.json_build_object('name', rolname, 'login', rolcanlogin, 'superuser', rolsuper,
    'createdb', rolcreatedb, 'createrole', rolcreaterole, 'replication', rolreplication, 'bypassrls', rolbypassrls,
    'limit', rolconnlimit, 'password', coalesce(rolpassword, ''),
    'until', CASE WHEN pg_catalog.isfinite(rolvaliduntil) THEN extract(epoch FROM rolvaliduntil)::pg_catalog.int8 ELSE 0 END,
    'sessions', (SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_activity s WHERE s.usesysid OPERATOR(pg_catalog.=) a.oid)))
  FROM pg_catalog.pg_authid a JOIN role ON role.name OPERATOR(pg_catalog.=) rolname),
'members', (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('group', g.rolname, 'member', u.rolname))
  FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles g ON g.oid OPERATOR(pg_catalog.=) m.roleid
  JOIN pg_catalog.pg_roles u ON u.oid OPERATOR(pg_catalog.=) m.member JOIN role ON role.name OPERATOR(pg_catalog.=) u.rolname),
'databases', (SELECT pg_catalog.json_object_agg(datname, pg_catalog.json_build_object('owner', pg_catalog.pg_get_userbyid(datdba),
    'encoding', pg_catalog.pg_encoding_to_char(d.encoding),
    'same_encoding', d.encoding OPERATOR(pg_catalog.=) pg_catalog.pg_char_to_encoding(base.encoding::pg_catalog.name), 'locale', datcollate,
    'sessions', (SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_activity s WHERE s.datid OPERATOR(pg_catalog.=) d.oid
      AND s.backend_type OPERATOR(pg_catalog.=) 'client backend')))
  FROM pg_catalog.pg_database d JOIN base ON base.name OPERATOR(pg_catalog.=) datname),
'settings', (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('role', r.rolname, 'database', d.datname, 'list', s.setconfig))
  FROM pg_catalog.pg_db_role_setting s LEFT JOIN pg_catalog.pg_roles r ON r.oid OPERATOR(pg_catalog.=) s.setrole
  LEFT JOIN pg_catalog.pg_database d ON d.oid OPERATOR(pg_catalog.=) s.setdatabase
  WHERE EXISTS (SELECT FROM role WHERE name OPERATOR(pg_catalog.=) r.rolname)
    OR s.setrole OPERATOR(pg_catalog.=) 0 AND EXISTS (SELECT FROM base WHERE name OPERATOR(pg_catalog.=) d.datname)),
'others', (SELECT pg_catalog.json_agg(pg_catalog.json_build_object('name', rolname, 'super', rolsuper)) FROM shown),
'more', (SELECT pg_catalog.count(*) FROM other));
`

// survey is what the steps know of the cluster. It is read when the first asks,
// and again after a change.
type survey struct {
	Server
	values map[string]string
	live   *liveCluster
}

func (r *Role) survey(s Server, own []DatabaseRole) (*survey, error) {
	roles, databases := []string{}, []map[string]string{}
	for _, role := range own {
		roles = append(roles, role.Name)
	}
	for _, role := range r.Roles {
		roles = append(append(roles, role.Name), role.MemberOf...)
	}
	for _, db := range r.Databases {
		databases = append(databases, map[string]string{"name": db.Name, "encoding": db.Encoding})
		if db.Owner != "" {
			roles = append(roles, db.Owner)
		}
	}
	some, err := json.Marshal(compact(roles))
	if err != nil {
		return nil, err
	}
	others, err := json.Marshal(databases)
	if err != nil {
		return nil, err
	}
	return &survey{Server: s, values: map[string]string{"roles": string(some), "databases": string(others)}}, nil
}

func (v *survey) read(ctx context.Context, r modules.Reader) (*liveCluster, error) {
	if v.live != nil {
		return v.live, nil
	}
	var live liveCluster
	if err := v.Query(ctx, r, "postgres", readLive, v.values, &live); err != nil {
		return nil, err
	}
	v.live = &live
	return v.live, nil
}

// exec is a change that runs a script, after which the cluster is read again.
func (v *survey) exec(summary, before, after, text string, values map[string]string) *modules.Change {
	change := v.Server.exec(summary, before, after, "postgres", text, values)
	apply := change.Apply
	change.Apply = func(ctx context.Context, h modules.Host) error {
		v.live = nil
		return apply(ctx, h)
	}
	return change
}
