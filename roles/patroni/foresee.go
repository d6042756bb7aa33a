package patroni

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/roles/postgres"
	"github.com/pgrun/pgrun/runner"
	"gopkg.in/yaml.v3"
)

// foreseen is what the members read in etcd after a change of the settings.
func foreseen(p runner.Peer, live map[string]any) (modules.Foreseen, error) {
	base, err := address(p)
	if err != nil {
		return modules.Foreseen{}, err
	}
	body, err := json.Marshal(live)
	return modules.Foreseen{Answers: map[string][]byte{base + "/config": body}}, err
}

// foreseeSettings lets a replica see in check mode what the leader would change
// for all, if the run reaches the leader.
func (r *Role) foreseeSettings(ctx context.Context, t *runner.Target, pg *postgres.Role, leader string) {
	if !t.Check || slices.Contains(t.LeftOut, leader) {
		return
	}
	live, err := liveSettings(ctx, t, t.Host)
	if err != nil {
		return // the leader tells it
	}
	if differ := patch(r.settings(pg), live); len(differ) > 0 {
		if f, err := foreseen(t.Host, patched(live, differ)); err == nil {
			t.Foresee(f)
		}
	}
}

// wouldRestart names the settings for which PostgreSQL would need a restart
// after the changes that check mode left out.
func wouldRestart(ctx context.Context, o *runner.Observer) ([]string, error) {
	now, check := modules.Now(o.Reader)
	if !check {
		return nil, nil
	}
	before, err := configured(ctx, now, o)
	if err != nil {
		return nil, err
	}
	after, err := configured(ctx, o.Reader, o)
	if err != nil {
		return nil, err
	}
	var changed []string
	for name, value := range after {
		if meaning(before[name]) != meaning(value) {
			changed = append(changed, name)
		}
	}
	for name := range before {
		if _, kept := after[name]; !kept {
			changed = append(changed, name)
		}
	}
	if len(changed) == 0 {
		return nil, nil
	}
	return ofPostmaster(ctx, o, changed)
}

// ofPostmaster returns those of the settings that count after a restart.
func ofPostmaster(ctx context.Context, o *runner.Observer, names []string) ([]string, error) {
	text, err := json.Marshal(names)
	if err != nil {
		return nil, err
	}
	const read = `SELECT coalesce(pg_catalog.json_agg(name ORDER BY name), '[]') FROM pg_catalog.pg_settings WHERE context OPERATOR(pg_catalog.=) 'postmaster'
  AND name OPERATOR(pg_catalog.=) ANY (SELECT pg_catalog.json_array_elements_text(:'names'::pg_catalog.json));
`
	var restart []string
	err = server(o).Query(ctx, o, "postgres", read, map[string]string{"names": string(text)}, &restart)
	return restart, err
}

// configured are the server's settings as etcd and Patroni's own file have
// them; the file is over etcd.
func configured(ctx context.Context, r modules.Reader, o *runner.Observer) (map[string]any, error) {
	live, err := liveSettings(ctx, r, o.Host)
	if err != nil {
		return nil, err
	}
	text, err := r.ReadFile(ctx, configPath, 0)
	if err != nil {
		return nil, err
	}
	var local struct {
		PostgreSQL struct {
			Listen     string         `yaml:"listen"`
			Parameters map[string]any `yaml:"parameters"`
		} `yaml:"postgresql"`
	}
	if err := yaml.Unmarshal(text, &local); err != nil {
		return nil, err
	}
	all := map[string]any{}
	shared, _ := live["postgresql"].(map[string]any)
	parameters, _ := shared["parameters"].(map[string]any)
	for _, set := range []map[string]any{parameters, local.PostgreSQL.Parameters} {
		for name, value := range set {
			if value != nil {
				all[name] = value
			}
		}
	}
	if i := strings.LastIndexByte(local.PostgreSQL.Listen, ':'); i >= 0 {
		all["listen_addresses"] = local.PostgreSQL.Listen[:i]
		if port, err := strconv.Atoi(local.PostgreSQL.Listen[i+1:]); err == nil {
			all["port"] = port
		}
	}
	return all, nil
}
