package patroni_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/modules/fake"
	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/roletest"
	"gopkg.in/yaml.v3"
)

// machine is a host on which Patroni begins to answer when it is started.
type machine struct {
	*fake.Host
	t *testing.T
	// settings are in etcd; they begin as the configuration's.
	settings map[string]any
	sql      []string // scripts that changed something
	objects  map[string]string
	lost     []string         // roles that the cluster should have
	others   []map[string]any // roles that the inventory does not have
	server   *fakeServer
}

func newMachine(t *testing.T, leader string) *machine {
	m := &machine{Host: fake.New(), t: t, objects: map[string]string{}}
	m.Say("1B-blocks\n107374182400\n", "df")
	m.server = &fakeServer{machine: m, system: map[string]string{}}
	m.Offer(
		fake.Package{Name: "postgresql-17", Version: "17.11-0+deb13u1", Users: []string{"postgres"}, Files: map[string]string{
			"/usr/lib/postgresql/17/lib/pg_stat_statements.so": "",
		}},
		fake.Package{Name: "postgresql-client-17", Version: "17.11-0+deb13u1"},
		fake.Package{Name: "patroni", Version: "4.0.7-3~deb13u1", Units: []string{"patroni.service"}, Files: map[string]string{"/etc/patroni/dcs.yml": ""}},
		fake.Package{Name: "python3-etcd", Version: "0.4.5-5"},
	)
	m.Say("", "/usr/bin/python3")
	m.OnJob("patroni.service", func(verb string) error {
		if verb == "start" {
			m.serve(leader)
		}
		if verb == "reload" {
			m.server.load()
		}
		return nil
	})
	m.Answer(m.psql, "/usr/lib/postgresql/17/bin/psql")
	saying("db1", "db2", "db3").serve(m)
	return m
}

func (m *machine) serve(leader string) {
	var config struct {
		Bootstrap struct{ DCS map[string]any }
	}
	if err := yaml.Unmarshal([]byte(m.Content("/etc/patroni/config.yml")), &config); err != nil {
		m.t.Error(err)
	}
	m.settings = config.Bootstrap.DCS
	m.server.load()
	for i, name := range []string{"db1", "db2", "db3"} {
		base := fmt.Sprintf("http://10.0.0.1%d:8008", i+1)
		role, members := "replica", []string{}
		if name == leader {
			role = "primary"
		}
		for _, other := range []string{"db1", "db2", "db3"} {
			if other == leader {
				members = append(members, fmt.Sprintf(`{"name":%q,"role":"leader","state":"running","timeline":1}`, other))
			} else {
				members = append(members, fmt.Sprintf(`{"name":%q,"role":"quorum_standby","state":"streaming","timeline":1,"lag":0}`, other))
			}
		}
		m.Serve("GET", base+"/cluster", 200, `{"members":[`+strings.Join(members, ",")+`]}`)
		m.Handle("GET", base+"/patroni", func(modules.Request) (*modules.Response, error) {
			return &modules.Response{Status: 200, Body: fmt.Appendf(nil,
				`{"state":"running","role":%q,"server_version":170011,"timeline":1,"patroni":{"version":"4.0.7","scope":"orders"},"tags":%s}`,
				role, m.server.tags(name))}, nil
		})
		m.Handle("GET", base+"/config", func(modules.Request) (*modules.Response, error) {
			text, err := json.Marshal(m.settings)
			return &modules.Response{Status: 200, Body: text}, err
		})
		m.Handle("PATCH", base+"/config", func(r modules.Request) (*modules.Response, error) {
			if r.User != "patroni" || r.Password != "rest-secret" {
				return &modules.Response{Status: 401}, nil
			}
			var patch map[string]any
			err := json.Unmarshal(r.Body, &patch)
			lay(m.settings, patch)
			return &modules.Response{Status: 200, Body: []byte("{}")}, err
		})
	}
}

func lay(under, over map[string]any) {
	for key, value := range over {
		if below, ok := value.(map[string]any); ok {
			if there, ok := under[key].(map[string]any); ok {
				lay(there, below)
				continue
			}
		}
		under[key] = value
	}
}

// psql remembers, for each object, the script that changed it.
func (m *machine) psql(c modules.Command) (string, error) {
	script := string(c.Stdin)
	name := ""
	for line := range strings.Lines(script) {
		for _, variable := range []string{`\set name '`, `\set member '`, `\set group '`} {
			if value, ok := strings.CutPrefix(strings.TrimSpace(line), variable); ok {
				name = strings.TrimPrefix(name+"/"+strings.TrimSuffix(value, "'"), "/")
			}
		}
	}
	switch {
	case strings.Contains(script, "pg_file_settings"):
		return m.server.live()
	case strings.Contains(script, "ALTER SYSTEM"):
		m.server.reset(script)
		return "", nil
	case strings.Contains(script, "FROM pg_catalog.pg_authid"):
		return m.survey(script), nil
	case strings.Contains(script, "has_function_privilege"):
		return "true", nil
	case strings.Contains(script, "setting::pg_catalog.int4"):
		return `{"max_connections": 200, "max_wal_senders": 10}`, nil
	case strings.Contains(script, "lower(name)"):
		return "[]", nil
	case strings.Contains(script, "FROM pg_catalog.pg_settings"):
		return "false", nil
	case strings.Contains(script, "FROM pg_catalog.pg_extension"):
		return m.object("extension "+name, `{"there":true}`, `{"known":true,"trusted":true,"relocatable":true,"owner":"app","schema":true,"open":true}`), nil
	}
	m.change(name, script)
	return "", nil
}

// survey answers for all that the script names.
func (m *machine) survey(script string) string {
	var wanted []string
	_, list, _ := strings.Cut(script, `\set roles '`)
	list, _, _ = strings.Cut(list, "'\n")
	if err := json.Unmarshal([]byte(list), &wanted); err != nil {
		m.t.Errorf("the roles of the survey: %v in %s", err, list)
	}
	roles, databases, members := map[string]json.RawMessage{}, map[string]json.RawMessage{}, []map[string]string{}
	for _, name := range wanted {
		if text := m.role(name); text != "" && !slices.Contains(m.lost, name) {
			roles[name] = json.RawMessage(text)
		}
	}
	for key := range m.objects {
		if name, ok := strings.CutPrefix(key, "database "); ok {
			databases[name] = json.RawMessage(`{"owner":"app","encoding":"UTF8","locale":"C.UTF-8"}`)
		}
		if name, ok := strings.CutPrefix(key, "member "); ok {
			group, member, _ := strings.Cut(name, "/")
			members = append(members, map[string]string{"group": group, "member": member})
		}
	}
	text, err := json.Marshal(map[string]any{"roles": roles, "databases": databases, "members": members, "others": m.others, "more": len(m.others)})
	if err != nil {
		m.t.Error(err)
	}
	return string(text)
}

func (m *machine) role(name string) string {
	text, ok := m.objects["role "+name]
	if !ok && name != "postgres" && name != "replicator" && name != "rewind_user" {
		return ""
	}
	limit := -1
	if name == "pgrun_probe" {
		limit = 10
	}
	super := name == "postgres"
	return fmt.Sprintf(`{"name":%q,"login":true,"superuser":%t,"createdb":%t,"createrole":%t,"replication":%t,"bypassrls":%t,"limit":%d,"password":%q}`,
		name, super, super, super, super || name == "replicator", super, limit, text)
}

func (m *machine) object(key, there, absent string) string {
	if _, ok := m.objects[key]; ok {
		return there
	}
	return absent
}

func (m *machine) change(name, script string) {
	verifier := ""
	if _, after, ok := strings.Cut(script, `\set verifier '`); ok {
		verifier, _, _ = strings.Cut(after, "'")
	}
	switch {
	case strings.Contains(script, "CREATE EXTENSION"):
		m.objects["extension "+name] = ""
	case strings.Contains(script, "ROLE"):
		m.objects["role "+name] = verifier
	case strings.Contains(script, "DATABASE"):
		m.objects["database "+name] = ""
	case strings.Contains(script, "GRANT"):
		m.objects["member "+name] = ""
	default:
		m.t.Errorf("an unexpected script: %s", script)
	}
	m.sql = append(m.sql, script)
}

func objects() map[string]string {
	return map[string]string{"postgres": `
roles: [{name: readers, nologin: false}, {name: app, member_of: [readers]}]
databases: [{name: orders, owner: app, extensions: [pg_trgm]}]
`}
}

func apply(t *testing.T, c roletest.Cluster, host string, m *machine, check bool) string {
	t.Helper()
	var text strings.Builder
	for _, role := range []string{"postgres", "patroni"} {
		steps, err := c.Apply(t, host, role, m, check)
		text.WriteString(steps.String())
		if err != nil {
			t.Fatalf("%v\n%s", err, text.String())
		}
	}
	return text.String()
}

func TestApplyOnTheLeader(t *testing.T) {
	m, c := newMachine(t, "db1"), three(objects())
	roletest.Golden(t, "apply-check", apply(t, c, "db1", m, true))
	if log := m.Log(); log != "" {
		t.Errorf("check mode changed:\n%s", log)
	}
	first := apply(t, c, "db1", m, false)
	roletest.Golden(t, "apply-leader", first)
	for _, secret := range []string{"super: 'secret'", "SCRAM-SHA-256$"} {
		if strings.Contains(strings.Join(m.sql, "\n"), "super: ") {
			t.Errorf("a script holds the password %s", secret)
		}
	}
	m.ClearLog()
	if second := apply(t, c, "db1", m, false); strings.Contains(second, "changed: ") && strings.Contains("\n"+second, "\nchanged: ") {
		t.Errorf("the second run changes something:\n%s", second)
	}
	if log := m.Log(); log != "" {
		t.Errorf("the second run changed:\n%s", log)
	}
}

func TestApplyOnAReplica(t *testing.T) {
	m, c := newMachine(t, "db1"), three(objects())
	text := apply(t, c, "db2", m, false)
	if !strings.Contains(text, "skipped: settings of all members (db1 leads and does it)") || len(m.sql) != 0 {
		t.Errorf("a replica does the leader's work:\n%s", text)
	}
}

func TestALongCopyIsNoFailure(t *testing.T) {
	m, c := newMachine(t, "db1"), three(nil)
	apply(t, c, "db2", m, false)
	m.Serve("GET", "http://10.0.0.12:8008/cluster", 200, `{"members":[
{"name":"db1","role":"leader","state":"running","timeline":1},{"name":"db2","role":"replica","state":"creating replica","lag":"unknown"}]}`)
	c.Patience = 1200 * time.Millisecond
	if text := apply(t, c, "db2", m, false); !strings.Contains(text, "skipped: replica streams (it still copies") {
		t.Errorf("steps:\n%s", text)
	}
	m.Answer(func(modules.Command) (string, error) { return "", fake.Exit(2, "psql: error: connection refused") }, "/usr/lib/postgresql/17/bin/psql")
	target, steps := c.Target(t, "db2", "patroni", m, false)
	if err := c.Action(t, "db2", "patroni", "verify").Do(t.Context(), target); err != nil {
		t.Errorf("what runs, while there is no server: %v\n%s", err, steps)
	}
}

// Of two hosts each may see the other lead while a leader is lost: who leads
// when all have had their part does what one host does for all.
func TestALeaderThatChangedDuringTheRunStillSharesTheSettings(t *testing.T) {
	m, c := newMachine(t, "db1"), three(nil)
	apply(t, c, "db1", m, false)
	m.settings["ttl"] = 99
	target, steps := c.Target(t, "db1", "patroni", m, false)
	if err := c.Action(t, "db1", "patroni", "verify").Do(t.Context(), target); err != nil || fmt.Sprint(m.settings["ttl"]) != "30" {
		t.Errorf("%v, settings %v\n%s", err, m.settings, steps)
	}
}

func TestSettingsAreSentInOnePatch(t *testing.T) {
	m, c := newMachine(t, "db1"), three(nil)
	apply(t, c, "db1", m, false)
	m.ClearLog()
	m.settings["pause"] = false
	changed := three(map[string]string{"patroni": "rto: fast", "postgres": "parameters: {work_mem: 64MB, wal_compression: null}"})
	text := apply(t, changed, "db1", m, false)
	if got := strings.Count(m.Log(), "send PATCH"); got != 1 {
		t.Errorf("%d patches:\n%s", got, m.Log())
	}
	if !strings.Contains(text, "differ: loop_wait, ") && !strings.Contains(text, "differ: postgresql.parameters.wal_compression, postgresql.parameters.work_mem, primary_start_timeout, retry_timeout, ttl") {
		t.Errorf("the step does not say what differs:\n%s", text)
	}
	if fmt.Sprint(m.settings["ttl"], m.settings["pause"]) != "20 false" {
		t.Errorf("settings are %v", m.settings)
	}
}

func TestForeignDataIsRefused(t *testing.T) {
	m, c := newMachine(t, "db1"), three(nil)
	m.Put("/var/lib/postgresql/17/orders/global/pg_control", "")
	m.Say("pg_control version number:            1700\nDatabase system identifier:           7400000000000000001\n", "/usr/lib/postgresql/17/bin/pg_controldata")
	m.Serve("POST", "http://10.0.0.11:2379/v3/kv/range", 200, `{"kvs":[{"value":"NzQwMDAwMDAwMDAwMDAwMDAwMg=="}]}`)
	_, err := c.Apply(t, "db1", "patroni", m, false)
	if !runner.IsRefused(err) || !strings.Contains(err.Error(), "7400000000000000001") || !strings.Contains(err.Error(), "7400000000000000002") {
		t.Errorf("not refused with both identifiers: %v", err)
	}
	if unit, _ := m.Unit(t.Context(), "patroni.service"); unit.ActiveState == "active" {
		t.Error("Patroni was started")
	}
}

func TestDataThatEtcdDoesNotKnowIsRefused(t *testing.T) {
	m, c := newMachine(t, "db1"), three(nil)
	m.Put("/var/lib/postgresql/17/orders/global/pg_control", "")
	m.Say("Database system identifier:           7400000000000000001\n", "/usr/lib/postgresql/17/bin/pg_controldata")
	m.Serve("POST", "http://10.0.0.11:2379/v3/kv/range", 200, `{"header":{}}`)
	if _, err := c.Apply(t, "db1", "patroni", m, false); !runner.IsRefused(err) || !strings.Contains(err.Error(), "newest data") {
		t.Errorf("not refused: %v", err)
	}
	// The key is empty while some host makes the cluster. It is not this one:
	// Patroni does not run here, so it would put its own data in the other's place.
	m.Serve("POST", "http://10.0.0.11:2379/v3/kv/range", 200, `{"kvs":[{"value":""}]}`)
	if _, err := c.Apply(t, "db1", "patroni", m, false); !runner.IsRefused(err) || !strings.Contains(err.Error(), "being made") {
		t.Errorf("data joins a cluster that is being made: %v", err)
	}
	m.serve("db2")
	m.SetUnit(modules.Unit{Name: "patroni.service", ActiveState: "active", UnitFileState: "enabled"})
	if _, err := c.Apply(t, "db1", "patroni", m, false); err != nil {
		t.Errorf("refused while this host makes the cluster: %v", err)
	}
}

func TestQuorumNeedsPatroni4(t *testing.T) {
	m, c := newMachine(t, "db1"), three(map[string]string{"patroni": "synchronous_mode: quorum"})
	m.Offer(fake.Package{Name: "patroni", Version: "3.0.2-1"})
	if _, err := c.Apply(t, "db1", "patroni", m, false); !runner.IsRefused(err) {
		t.Errorf("not refused: %v", err)
	}
}

func TestRaisingAndLoweringAtOnceIsRefused(t *testing.T) {
	m, c := newMachine(t, "db1"), three(nil)
	apply(t, c, "db1", m, false)
	m.ClearLog()
	changed := three(map[string]string{"postgres": "parameters: {max_connections: 100, max_wal_senders: 20}"})
	_, err := changed.Apply(t, "db1", "patroni", m, false)
	if !runner.IsRefused(err) || strings.Contains(m.Log(), "PATCH") {
		t.Errorf("not refused before anything was sent: %v", err)
	}
}

func TestRestartIsNotDueWhereNothingRuns(t *testing.T) {
	m, c := newMachine(t, "db1"), three(nil)
	why, err := c.Action(t, "db1", "patroni", "restart").Due(t.Context(), c.Observer(t, "db1", "patroni", m))
	if why != "" || err != nil {
		t.Errorf("%q, %v", why, err)
	}
}

func TestSettingsThatEtcdDoesNotHaveYetAreWaitedFor(t *testing.T) {
	m, c := newMachine(t, "db1"), three(objects())
	apply(t, c, "db1", m, false)
	asked := 0
	m.Handle("GET", "http://10.0.0.11:8008/config", func(modules.Request) (*modules.Response, error) {
		if asked++; asked == 1 {
			return &modules.Response{Status: 502, Body: []byte("<html>Bad Gateway</html>")}, nil
		}
		text, err := json.Marshal(m.settings)
		return &modules.Response{Status: 200, Body: text}, err
	})
	if steps := apply(t, c, "db1", m, false); strings.Contains("\n"+steps, "\nfailed: ") || asked < 2 {
		t.Errorf("asked %d times:\n%s", asked, steps)
	}
}
