package patroni

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/pgrun/pgrun/config"
	"github.com/pgrun/pgrun/roles/cluster"
	"github.com/pgrun/pgrun/roles/postgres"
	"github.com/pgrun/pgrun/roles/published"
	"github.com/pgrun/pgrun/runner"
)

func postgresSection(v *runner.View) *postgres.Role { return runner.Section[*postgres.Role](v) }

func clusterSection(v *runner.View) *cluster.Role { return runner.Section[*cluster.Role](v) }

var (
	namespaceForm = regexp.MustCompile(`^/[A-Za-z0-9._/-]+$`)
	localeForm    = regexp.MustCompile(`^[A-Za-z0-9_.@-]+$`)
	tagForm       = regexp.MustCompile(`^[A-Za-z0-9_.-]+$`)
)

// Validate reports what is wrong with the section.
func (r *Role) Validate(v *runner.View) {
	if !v.Host.In("postgres") {
		return
	}
	r.validateSecrets(v)
	if _, ok := presets()[r.RTO]; !ok {
		v.Problem("rto", "%q is no preset; write fast, norm, safe or wide", r.RTO)
	} else if key, message := r.timing().problem(); key != "" {
		v.Problem(r.given(key), "%s", message)
	}
	if !namespaceForm.MatchString(r.Namespace) {
		v.Problem("namespace", "%q is no prefix of keys; write one such as /service", r.Namespace)
	}
	port := postgresSection(v).Port
	switch {
	case r.RestPort < 1 || r.RestPort > 65535:
		v.Problem("rest_port", "%d is no TCP port; write one between 1 and 65535", r.RestPort)
	case r.RestPort == port:
		v.Problem("rest_port", "%d is the port of PostgreSQL too", r.RestPort)
	}
	if r.MaximumLagOnFailover < 0 {
		v.Problem("maximum_lag_on_failover", "cannot be negative")
	}
	r.validateSynchronous(v)
	if !localeForm.MatchString(r.Locale) {
		v.Problem("locale", "%q is no locale; write one such as C.UTF-8", r.Locale)
	}
	r.validateModes(v)
	r.validateTags(v)
	r.validateWithout(v)
	r.validateAlike(v)
	if len(etcdMembers(v)) == 0 {
		v.Problem("", "no host of the cluster is in the group etcd, where Patroni keeps who leads; put three there")
	}
}

func (r *Role) validateModes(v *runner.View) {
	if !slices.Contains([]string{"automatic", "required", "off"}, r.Watchdog) {
		v.Problem("watchdog", "%q is no mode; write automatic, required or off", r.Watchdog)
	}
	if !slices.Contains([]string{"report", "remove", "ignore"}, r.Unmanaged) {
		v.Problem("unmanaged", "%q is no mode; write report, remove or ignore", r.Unmanaged)
	}
}

// given is the key that the operator wrote, when a rule spans several.
func (r *Role) given(key string) string {
	if key != "ttl" || r.TTL != 0 {
		return key
	}
	switch {
	case r.RetryTimeout != 0:
		return "retry_timeout"
	case r.LoopWait != 0:
		return "loop_wait"
	}
	return key
}

type password struct {
	key    string
	secret config.Secret
	what   string
}

func (r *Role) secrets() []password {
	return []password{
		{"superuser_password", r.SuperuserPassword, "the database role postgres"},
		{"replication_password", r.ReplicationPassword, "the database role replicator"},
		{"rewind_password", r.RewindPassword, "the database role rewind_user"},
		{"restapi_password", r.RestapiPassword, "the REST API's calls that change something"},
	}
}

func (r *Role) validateSecrets(v *runner.View) {
	for _, s := range r.secrets() {
		if !s.secret.IsSet() {
			v.Problem(s.key, "is missing: the password of %s has no default; make one with `openssl rand -base64 24` and write where it is: %s: !file secrets/%s", s.what, s.key, s.key)
		}
	}
}

// shortest is what nobody guesses: the probe's password is derived from the
// superuser's, and other members and balancers know that one.
const shortest = 16

// ValidateSecrets reports passwords that are easily guessed, or that a program
// on their way would not take: Patroni writes them to a pgpass file, where a
// line break begins another entry.
func (r *Role) ValidateSecrets(v *runner.View) {
	if !v.Host.In("postgres") {
		return
	}
	for _, s := range r.secrets() {
		value := s.secret.Reveal()
		switch {
		case value == "": // Validate has said it
		case !postgres.Encodable(value):
			v.Problem(s.key, "has other characters than printable ASCII, which programs do not all encode alike; make one with `openssl rand -base64 24`")
		case len(value) < shortest:
			v.Problem(s.key, "has %d characters and %d are the least: it can be guessed; make one with `openssl rand -base64 24`", len(value), shortest)
		}
	}
}

func (r *Role) validateSynchronous(v *runner.View) {
	modes := []string{synchronousAuto, synchronousOff, synchronousOn, synchronousQuorum}
	standbys := len(v.Group("postgres")) - 1
	switch {
	case !slices.Contains(modes, r.SynchronousMode):
		v.Problem("synchronous_mode", "%q is no mode; write auto, off, on or quorum", r.SynchronousMode)
	case !r.waitsForStandby(v):
		if r.SynchronousModeStrict {
			v.Problem("synchronous_mode_strict", "has no meaning while synchronous_mode is off (auto is, with fewer than three hosts)")
		}
	case r.SynchronousNodeCount > standbys:
		v.Problem("synchronous_node_count", "%d standbys are asked for and the cluster has %d", r.SynchronousNodeCount, standbys)
	case r.SynchronousModeStrict && r.SynchronousNodeCount == standbys:
		v.Warning("synchronous_mode_strict", "the loss of any standby stops all commits: let there be more standbys than synchronous_node_count")
	}
	if r.SynchronousNodeCount < 1 {
		v.Problem("synchronous_node_count", "%d is too low; 1 is the least", r.SynchronousNodeCount)
	}
}

func (r *Role) validateTags(v *runner.View) {
	if r.Tags.NoFailover && r.Tags.FailoverPriority != 0 {
		v.Problem("tags.failover_priority", "has no meaning with nofailover")
	}
	if r.Tags.FailoverPriority < 0 {
		v.Problem("tags.failover_priority", "cannot be negative; write nofailover: true for a host that shall never lead")
	}
	if from := r.Tags.ReplicateFrom; from != "" && !slices.ContainsFunc(v.Group("postgres"), func(p runner.Peer) bool { return p.Name == from }) {
		v.Problem("tags.replicatefrom", "%q is no host of the group postgres in this cluster", from)
	}
	for name := range r.Tags.Custom {
		if !tagForm.MatchString(name) {
			v.Problem("tags.custom", "%q is no name of a tag", name)
		} else if slices.Contains([]string{"nofailover", "noloadbalance", "nosync", "clonefrom", "replicatefrom", "failover_priority", "nostream"}, name) {
			v.Problem("tags.custom."+name, "is a tag of Patroni's own")
		}
	}
}

// validateWithout reports names that are no hosts, and all of them.
func (r *Role) validateWithout(v *runner.View) {
	hosts := v.Group("postgres")
	for i, name := range r.BootstrapWithout {
		if !slices.ContainsFunc(hosts, func(p runner.Peer) bool { return p.Name == name }) {
			v.Problem("bootstrap_without["+strconv.Itoa(i)+"]", "%q is not a host in group postgres of this cluster", name)
		}
	}
	if n := len(r.BootstrapWithout); n > 0 && n >= len(hosts) {
		v.Problem("bootstrap_without", "names all members: somebody must found the cluster")
	}
}

// etcdMembers are the addresses (host:port) and the scheme of etcd's members.
func etcdMembers(v *runner.View) []string {
	var hosts []string
	for _, p := range v.Group("etcd") {
		if member, ok := published.EtcdOf(p); ok {
			_, host, _ := strings.Cut(member.ClientURL, "://")
			hosts = append(hosts, strings.TrimSuffix(host, "/"))
		}
	}
	return hosts
}

// etcdScheme is http or https; the members agree on it.
func etcdScheme(v *runner.View) string {
	for _, p := range v.Group("etcd") {
		if member, ok := published.EtcdOf(p); ok {
			scheme, _, _ := strings.Cut(member.ClientURL, "://")
			return scheme
		}
	}
	return "http"
}

func patroniPort(p runner.Peer) (int, error) {
	known, ok := published.PatroniOf(p)
	if !ok {
		return 0, fmt.Errorf("%s does not say where its Patroni listens", p.Name)
	}
	return known.RESTPort, nil
}
