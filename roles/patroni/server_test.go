package patroni_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/pgrun/pgrun/roles/postgres"
	"gopkg.in/yaml.v3"
)

// fakeServer is PostgreSQL under Patroni as far as its settings go: it runs
// with what its files said when it last loaded them.
type fakeServer struct {
	*machine
	system map[string]string // postgresql.auto.conf
	edited string            // a line at the end of postgresql.conf: "name = value"
	drops  string            // a setting whose value Patroni leaves out
	waits  string            // a setting that another value runs of, until a restart
	config patroniConfig     // as it was loaded
}

type patroniConfig struct {
	Name, Scope string
	Tags        map[string]any
	PostgreSQL  struct {
		Listen     string
		DataDir    string `yaml:"data_dir"`
		Parameters map[string]string
		HBA        []string `yaml:"pg_hba"`
	}
}

// load is what Patroni 4 does when it is started or reloaded: it writes
// postgresql.conf and pg_hba.conf.
func (s *fakeServer) load() {
	s.config = patroniConfig{}
	if err := yaml.Unmarshal([]byte(s.Content("/etc/patroni/config.yml")), &s.config); err != nil {
		s.t.Error(err)
	}
	s.edited = ""
	s.Put(s.config.PostgreSQL.DataDir+"/pg_hba.conf", "# by Patroni\n"+strings.Join(s.config.PostgreSQL.HBA, "\n")+"\n")
}

func (s *fakeServer) tags(name string) string {
	if s.config.Tags == nil || s.config.Name != name {
		return "null"
	}
	text, err := json.Marshal(s.config.Tags)
	if err != nil {
		s.t.Error(err)
	}
	return string(text)
}

// conf is postgresql.conf.
func (s *fakeServer) conf() map[string]string {
	all := map[string]string{"cluster_name": s.config.Scope}
	i := strings.LastIndex(s.config.PostgreSQL.Listen, ":")
	if i > 0 {
		all["listen_addresses"], all["port"] = s.config.PostgreSQL.Listen[:i], s.config.PostgreSQL.Listen[i+1:]
	}
	server, _ := s.settings["postgresql"].(map[string]any)
	parameters, _ := server["parameters"].(map[string]any)
	for name, value := range parameters {
		if value != nil && name != s.drops {
			all[name] = fmt.Sprint(value)
		}
	}
	maps.Copy(all, s.config.PostgreSQL.Parameters)
	return all
}

func (s *fakeServer) live() (string, error) {
	live := postgres.Live{HBA: []postgres.Wrong{}}
	running := s.conf()
	add := func(file, name, value string) {
		running[name] = value
		live.Entries = append(live.Entries, postgres.Entry{
			File: s.config.PostgreSQL.DataDir + "/" + file, Line: len(live.Entries) + 1, Name: name, Text: value, Applied: true,
		})
	}
	for _, name := range slices.Sorted(maps.Keys(running)) {
		add("postgresql.conf", name, running[name])
	}
	if name, value, ok := strings.Cut(s.edited, " = "); ok {
		add("postgresql.conf", name, value)
	}
	for _, name := range slices.Sorted(maps.Keys(s.system)) {
		add("postgresql.auto.conf", name, s.system[name])
	}
	if s.drops != "" {
		running[s.drops] = "its default"
	}
	from := func(name string) string {
		if _, ok := s.system[name]; ok {
			return s.config.PostgreSQL.DataDir + "/postgresql.auto.conf"
		}
		return s.config.PostgreSQL.DataDir + "/postgresql.conf"
	}
	for name, value := range running {
		row := postgres.Setting{Name: name, Type: "string", Context: "sighup", Reset: value, Source: "configuration file", File: from(name)}
		if name == s.waits {
			row.Context, row.Reset = "postmaster", "what it was"
		}
		live.Rows = append(live.Rows, row)
	}
	text, err := json.Marshal(live)
	return string(text), err
}

// reset takes what ALTER SYSTEM RESET names out of postgresql.auto.conf.
func (s *fakeServer) reset(script string) {
	for line := range strings.Lines(script) {
		if value, ok := strings.CutPrefix(strings.TrimSpace(line), `\set n`); ok {
			_, name, _ := strings.Cut(value, " '")
			delete(s.system, strings.TrimSuffix(name, "'"))
		}
	}
}
