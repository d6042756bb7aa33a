package patroni

import (
	"github.com/pgrun/pgrun/config"
	"github.com/pgrun/pgrun/roles/postgres"
	"github.com/pgrun/pgrun/roles/published"
	"github.com/pgrun/pgrun/runner"
)

// Name of the role in the registry.
const Name = "patroni"

// The database roles that Patroni uses, and who calls its REST API.
const (
	superuser   = postgres.Superuser
	replicator  = postgres.Replicator
	rewindUser  = postgres.RewindUser
	restapiUser = "patroni"
	// probeUser may write nothing but the probe's records. It is let in from
	// members and balancers, to the database postgres.
	probeUser = postgres.Probe
)

// Role is the section `patroni`: how the members of the cluster watch each
// other, and by which passwords.
type Role struct {
	// SuperuserPassword is of the database role postgres. It is used on the
	// host's own socket and for nothing else: pg_hba.conf rejects postgres
	// over TCP. Required. All four passwords here are printable ASCII of 16
	// characters or more, for instance from `openssl rand -base64 24`.
	SuperuserPassword config.Secret `yaml:"superuser_password"`
	// ReplicationPassword is of the database role replicator, by which
	// replicas stream. Required.
	ReplicationPassword config.Secret `yaml:"replication_password"`
	// RewindPassword is of the database role rewind_user, by which pg_rewind
	// brings a former leader back. Required.
	RewindPassword config.Secret `yaml:"rewind_password"`
	// RestapiPassword guards the calls of the REST API that change something
	// (basic authentication, user patroni). Without it, who reaches the port
	// can make the database run programs. Required.
	RestapiPassword config.Secret `yaml:"restapi_password"`

	// Namespace is the prefix of the cluster's keys in etcd. The default is Patroni's.
	Namespace string `yaml:"namespace"`
	// RestPort is the TCP port of the REST API on each host. The default, 8008, is Patroni's.
	RestPort int `yaml:"rest_port"`

	// RTO is how soon a lost leader is replaced, at worst, as a client behind
	// the balancers sees it: fast (29 s), norm (41 s), safe (83 s) or wide
	// (150 s). Sooner also means that a slow network or disk more easily looks
	// like a loss: norm for one site, safe or wide across regions. It sets
	// ttl, loop_wait, retry_timeout and primary_start_timeout, unless they are
	// given.
	RTO string `yaml:"rto"`
	// TTL is how many seconds the leader's key lives without being renewed;
	// 0 is the preset's: 20, 30, 60 or 120. It is at least
	// loop_wait + 2 * retry_timeout, and 20.
	TTL int `yaml:"ttl"`
	// LoopWait is the seconds between two looks; 0 is the preset's: 5, 5, 10 or 20.
	LoopWait int `yaml:"loop_wait"`
	// RetryTimeout is the seconds for which etcd and PostgreSQL may be out of
	// reach before the leader steps down; 0 is the preset's: 5, 10, 20 or 30.
	RetryTimeout int `yaml:"retry_timeout"`
	// PrimaryStartTimeout is the seconds a crashed leader has to come up again
	// before another takes over; 0 is the preset's: 15, 25, 45 or 95.
	// Patroni's own default, 300, makes a leader that cannot start an outage
	// of five minutes.
	PrimaryStartTimeout int `yaml:"primary_start_timeout"`

	// MaximumLagOnFailover is the bytes by which a replica may lag and still
	// take over. It bounds what asynchronous replication can lose, together
	// with the WAL written in the last ttl seconds. The default is 32 MiB:
	// with less than two WAL segments, one switched segment can leave no
	// candidate.
	MaximumLagOnFailover int64 `yaml:"maximum_lag_on_failover"`
	// SynchronousMode is off (a failover may lose what was just committed),
	// on (an acknowledged commit survives the loss of the leader, for it waits
	// for one standby), quorum (the same, by whichever standby is first;
	// Patroni 4) or auto: quorum where the members of three or more hosts all
	// know it, on where not, and off with fewer hosts, where the loss of one
	// leaves no standby to wait for. When no standby is left, on and quorum go
	// on alone. The default is auto: a commit takes a round trip longer, and
	// none that was acknowledged is lost with a host.
	SynchronousMode string `yaml:"synchronous_mode"`
	// SynchronousModeStrict rather blocks commits than goes on without a standby.
	SynchronousModeStrict bool `yaml:"synchronous_mode_strict"`
	// SynchronousNodeCount is how many standbys confirm a commit. The default is 1.
	SynchronousNodeCount int `yaml:"synchronous_node_count"`

	// Locale is of the new cluster. C.UTF-8 sorts by code point, so no update
	// of the system's libraries can spoil an index. It counts when the cluster
	// is made, and not after.
	Locale string `yaml:"locale"`
	// Watchdog is automatic (used where the host has a device), required (who
	// has none never leads) or off. The default is automatic.
	Watchdog string `yaml:"watchdog"`
	// WatchdogDevice is the device; the default is /dev/watchdog.
	WatchdogDevice string `yaml:"watchdog_device"`
	// LongestTransaction is the seconds that a client's transaction may have
	// been open on a host whose restart or switchover would end it. Where one
	// is older, pgrun refuses before it touches a host. The default, 15, is no
	// batch job. For one run: -e '{patroni: {longest_transaction: 3600}}'.
	LongestTransaction int `yaml:"longest_transaction"`
	// Tags are what sets this host apart from the others.
	Tags Tags `yaml:"tags"`
	// Unmanaged is what becomes of settings that the inventory does not have: in
	// etcd (patronictl edit-config), by ALTER SYSTEM, or in a postgresql.conf
	// that was edited by hand. report names each in a warning, remove takes it
	// back (not slots and standby_cluster), ignore says nothing. What the
	// inventory gives another value is taken back always. The default is
	// report: somebody may have made it to keep the cluster up.
	Unmanaged string `yaml:"unmanaged"`
	// BootstrapWithout names hosts that a new cluster is made without, though
	// they were not seen without data: the operator's word that they hold none
	// that counts. One that says it holds data is not passed over: move that
	// away, or take the host out of the inventory. Take the names out when the
	// cluster stands.
	BootstrapWithout []string `yaml:"bootstrap_without"`

	led bool // in this run this host did what one does for all
}

// Tags are Patroni's tags of a member.
type Tags struct {
	// NoFailover never lets the host lead.
	NoFailover bool `yaml:"nofailover"`
	// NoLoadBalance keeps readers away from it.
	NoLoadBalance bool `yaml:"noloadbalance"`
	// NoSync never makes it a synchronous standby.
	NoSync bool `yaml:"nosync"`
	// CloneFrom prefers it as the source of new replicas.
	CloneFrom bool `yaml:"clonefrom"`
	// ReplicateFrom names the host it streams from instead of the leader.
	ReplicateFrom string `yaml:"replicatefrom"`
	// FailoverPriority prefers higher ones among equals; 0 is Patroni's default.
	FailoverPriority int `yaml:"failover_priority"`
	// Custom are tags of your own, for balancers that go by them.
	Custom map[string]string `yaml:"custom"`
}

// New returns the section with its defaults.
func New() runner.Role {
	return &Role{
		Namespace: "/service", RestPort: 8008, RTO: "norm",
		MaximumLagOnFailover: 32 << 20, SynchronousMode: synchronousAuto, SynchronousNodeCount: 1,
		LongestTransaction: 15, Locale: "C.UTF-8", Watchdog: "automatic", WatchdogDevice: "/dev/watchdog", Unmanaged: "report",
	}
}

// Publish tells the balancers where this host's servers listen.
func (r *Role) Publish(v *runner.View) any {
	if !v.Host.In("postgres") {
		return nil
	}
	postgres := postgresSection(v)
	return published.Patroni{
		RESTPort: r.RestPort, PostgresPort: postgres.Port, RTO: r.RTO, DataDir: postgres.DataDir,
		Shared: r.shared(postgres),
	}
}
