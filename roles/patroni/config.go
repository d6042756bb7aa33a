package patroni

import (
	"fmt"
	"net"
	"net/netip"
	"strconv"

	"github.com/pgrun/pgrun/roles/postgres"
	"github.com/pgrun/pgrun/runner"
	"gopkg.in/yaml.v3"
)

const (
	configPath = "/etc/patroni/config.yml"
	pgpassPath = "/var/lib/postgresql/patroni.pgpass"
)

// file is Patroni's configuration. It is marshalled, never rendered from a
// text: a password may hold anything that YAML would take for its own.
type file struct {
	Scope      string         `yaml:"scope"`
	Namespace  string         `yaml:"namespace"`
	Name       string         `yaml:"name"`
	Log        logging        `yaml:"log"`
	RestAPI    restAPI        `yaml:"restapi"`
	Etcd3      etcd3          `yaml:"etcd3"`
	Bootstrap  bootstrap      `yaml:"bootstrap"`
	PostgreSQL postgresql     `yaml:"postgresql"`
	Watchdog   watchdog       `yaml:"watchdog"`
	Tags       map[string]any `yaml:"tags,omitempty"`
}

// logging goes to standard error, so to the journal, which has the time.
type logging struct {
	Level  string `yaml:"level"`
	Format string `yaml:"format"`
}

type restAPI struct {
	Listen         string      `yaml:"listen"`
	ConnectAddress string      `yaml:"connect_address"`
	Authentication credentials `yaml:"authentication"`
	Allowlist      []string    `yaml:"allowlist"`
	IncludeMembers bool        `yaml:"allowlist_include_members"`
}

type credentials struct {
	Username string `yaml:"username"`
	Password quoted `yaml:"password"`
}

// quoted is a text that is quoted whatever it holds: Patroni reads YAML 1.1,
// in which more plain words are no texts than the encoder knows.
type quoted string

// MarshalYAML returns the text in double quotes.
func (q quoted) MarshalYAML() (any, error) {
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Style: yaml.DoubleQuotedStyle, Value: string(q)}, nil
}

type etcd3 struct {
	Hosts    []string `yaml:"hosts"`
	Protocol string   `yaml:"protocol"`
}

// bootstrap counts when the cluster is made. Afterwards its settings lie in
// etcd, where the leader keeps them as the inventory has them.
type bootstrap struct {
	DCS    settings `yaml:"dcs"`
	InitDB []any    `yaml:"initdb"`
}

type postgresql struct {
	Listen         string                 `yaml:"listen"`
	ConnectAddress string                 `yaml:"connect_address"`
	DataDir        string                 `yaml:"data_dir"`
	BinDir         string                 `yaml:"bin_dir"`
	PgPass         string                 `yaml:"pgpass"`
	UseUnixSocket  bool                   `yaml:"use_unix_socket"`
	Authentication map[string]credentials `yaml:"authentication"`
	Parameters     map[string]string      `yaml:"parameters"`
	HBA            []string               `yaml:"pg_hba"`
	CreateReplica  []string               `yaml:"create_replica_methods"`
	BaseBackup     []any                  `yaml:"basebackup"`
	Callbacks      map[string]string      `yaml:"callbacks"`
	BinName        map[string]string      `yaml:"bin_name"`
	PrePromote     string                 `yaml:"pre_promote"`
	BeforeStop     string                 `yaml:"before_stop"`
}

type watchdog struct {
	Mode   string `yaml:"mode"`
	Device string `yaml:"device"`
}

// render returns the configuration of a host.
func (r *Role) render(o *runner.Observer, machine postgres.Machine) ([]byte, error) {
	pg, c := postgresSection(o.View), clusterSection(o.View)
	paths := pg.Paths(c.PostgresVersion, o.Cluster)
	local := pg.Local(machine)
	local["unix_socket_directories"] = paths.Socket
	addresses, listenPort := listen(o, pg)
	pin(local, pg)
	rest := hostPort(o.Host.Address, r.RestPort)
	f := file{
		Scope: o.Cluster, Namespace: r.Namespace, Name: o.Host.Name,
		Log: logging{Level: "INFO", Format: "%(levelname)s: %(message)s"},
		RestAPI: restAPI{
			Listen: rest, ConnectAddress: rest, Authentication: credentials{restapiUser, quoted(r.RestapiPassword.Reveal())},
			Allowlist: allowlist(o.View), IncludeMembers: true,
		},
		Etcd3: etcd3{Hosts: etcdMembers(o.View), Protocol: etcdScheme(o.View)},
		Bootstrap: bootstrap{
			DCS: r.settings(pg).withoutRemoved(),
			InitDB: []any{
				"data-checksums",
				map[string]string{"encoding": "UTF8"},
				map[string]string{"locale": r.Locale},
				map[string]string{"auth-local": "peer"},
				map[string]string{"auth-host": "scram-sha-256"},
			},
		},
		PostgreSQL: postgresql{
			Listen:         fmt.Sprintf("%s:%d", addresses, listenPort),
			ConnectAddress: hostPort(o.Host.Address, pg.Port),
			DataDir:        paths.Data, BinDir: paths.Bin, PgPass: pgpassPath,
			// Patroni is postgres, so peer lets it in without a password.
			UseUnixSocket: true,
			Authentication: map[string]credentials{
				"superuser":   {superuser, quoted(r.SuperuserPassword.Reveal())},
				"replication": {replicator, quoted(r.ReplicationPassword.Reveal())},
				"rewind":      {rewindUser, quoted(r.RewindPassword.Reveal())},
			},
			Parameters:    local,
			HBA:           hba(o.View, pg, c),
			CreateReplica: []string{"basebackup"},
			BaseBackup:    []any{map[string]string{"checkpoint": "fast"}},
			// Programs that Patroni would run: none, whatever etcd says.
			Callbacks: map[string]string{}, BinName: map[string]string{},
		},
		Watchdog: watchdog{Mode: r.Watchdog, Device: r.WatchdogDevice},
		Tags:     r.Tags.wanted(),
	}
	text, err := yaml.Marshal(f)
	return append([]byte(written), text...), err
}

// written says whose file it is: of what others wrote, with passwords that pgrun
// does not know, no diff is shown.
const written = "# Written by pgrun: a change made here is lost at its next run.\n"

// wanted are the tags as Patroni has them; those that are not set are left out.
func (t Tags) wanted() map[string]any {
	tags := map[string]any{}
	for name, is := range map[string]bool{
		"nofailover": t.NoFailover, "noloadbalance": t.NoLoadBalance, "nosync": t.NoSync, "clonefrom": t.CloneFrom,
	} {
		if is {
			tags[name] = true
		}
	}
	if t.ReplicateFrom != "" {
		tags["replicatefrom"] = t.ReplicateFrom
	}
	if t.FailoverPriority != 0 {
		tags["failover_priority"] = t.FailoverPriority
	}
	for name, value := range t.Custom {
		tags[name] = quoted(value)
	}
	return tags
}

func hostPort(address netip.Addr, port int) string {
	return net.JoinHostPort(address.String(), strconv.Itoa(port))
}

// bracketed is an address as it stands before a port.
func bracketed(address netip.Addr) string {
	if address.Is6() {
		return "[" + address.String() + "]"
	}
	return address.String()
}
