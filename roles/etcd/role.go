// Package etcd builds and keeps the etcd cluster in which Patroni finds its
// leader, and keeps the turn: the lease by which one host at a time acts.
//
// Which of three things a member without data does is decided from what the
// other members show at that moment, never from the inventory alone: found a
// new cluster, join one that expects it, or leave it to the action replace.
package etcd

import (
	"context"
	"fmt"
	"net/netip"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/roles/published"
	"github.com/pgrun/pgrun/runner"
)

// Name of the role in the registry, and of the group of its hosts.
const Name = "etcd"

// Role is an etcd member.
type Role struct {
	// DataDir holds the member's data. Default: /var/lib/etcd/<cluster>. A
	// disk of its own, or at least one that syncs within 10 ms, keeps
	// leadership stable. A folder of the system (/etc, /home, /var ...) is
	// refused, and so is one that holds other things.
	DataDir string `yaml:"data_dir"`
	// ClientPort serves clients on the host's address and on 127.0.0.1. It
	// must be the same on all members. Etcd's own default.
	ClientPort int `yaml:"client_port"`
	// PeerPort serves the other members, on the host's address only. It is
	// part of a member's identity: it cannot be changed while there is data.
	PeerPort int `yaml:"peer_port"`
	// HeartbeatInterval in milliseconds: about the round trip between members.
	// Etcd's own default fits one data centre; several want 300.
	HeartbeatInterval int `yaml:"heartbeat_interval"`
	// ElectionTimeout in milliseconds: at least 5 times, better 10 times the
	// heartbeat. Until it has passed a lost leader is not replaced, and Patroni
	// cannot write either. The same on all members.
	ElectionTimeout int `yaml:"election_timeout"`
	// CompactionRetention is how much history of keys is kept. Patroni needs
	// none; an hour is enough to look at.
	CompactionRetention time.Duration `yaml:"compaction_retention"`
	// QuotaMB bounds the database, in MiB. When it is reached etcd takes no
	// more writes. 8 GiB is the most that etcd's authors recommend; Patroni
	// uses a few MiB, so the bound is there for accidents only.
	QuotaMB int `yaml:"quota_mb"`
	// LogLevel is debug, info, warn or error.
	LogLevel string `yaml:"log_level"`
	// BootstrapWithout names members that a new cluster is founded without,
	// though they were not seen without data: the operator's word that they
	// hold none that counts. They join later through the action replace.
	// Take it out when the cluster stands.
	BootstrapWithout []string `yaml:"bootstrap_without"`
}

// New returns the section with its defaults.
func New() runner.Role {
	return &Role{
		ClientPort: 2379, PeerPort: 2380,
		HeartbeatInterval: 100, ElectionTimeout: 1000,
		CompactionRetention: time.Hour, QuotaMB: 8192, LogLevel: "info",
	}
}

// Publish tells the other hosts where this member is.
func (r *Role) Publish(v *runner.View) any {
	if !v.Host.In(Name) {
		return nil
	}
	return published.Etcd{
		Name:      v.Host.Name,
		ClientURL: address(v.Host.Address, r.ClientPort),
		PeerURL:   address(v.Host.Address, r.PeerPort),
		DataDir:   r.dataDir(v),
	}
}

func address(ip netip.Addr, port int) string {
	return "http://" + netip.AddrPortFrom(ip, uint16(port)).String()
}

// Validate reports what would make a bad cluster.
func (r *Role) Validate(v *runner.View) {
	r.validateDataDir(v)
	for key, port := range map[string]int{"client_port": r.ClientPort, "peer_port": r.PeerPort} {
		if port < 1 || port > 65535 {
			v.Problem(key, "%d is not a port", port)
		}
	}
	if r.ClientPort == r.PeerPort {
		v.Problem("peer_port", "is the client port too")
	}
	r.validateTimes(v)
	if !slices.Contains([]string{"debug", "info", "warn", "error"}, r.LogLevel) {
		v.Problem("log_level", "%q is not a level: debug, info, warn or error", r.LogLevel)
	}
	if r.QuotaMB < 16 {
		v.Problem("quota_mb", "%d MiB is too little: etcd needs 16 at least", r.QuotaMB)
	}
	r.validateMembers(v)
}

func (r *Role) validateDataDir(v *runner.View) {
	if r.DataDir == "" {
		return
	}
	if !path.IsAbs(r.DataDir) || path.Clean(r.DataDir) != r.DataDir {
		v.Problem("data_dir", "%q is not a clean absolute path", r.DataDir)
	} else if why := modules.SystemFolder(r.DataDir); why != "" {
		v.Problem("data_dir", "%s", why)
	}
	if strings.ContainsAny(r.DataDir, " \t\n%\"'\\") {
		v.Problem("data_dir", "%q has a character that a unit file would take otherwise", r.DataDir)
	}
}

func (r *Role) validateTimes(v *runner.View) {
	if r.HeartbeatInterval < 10 || r.HeartbeatInterval > 5000 {
		v.Problem("heartbeat_interval", "%d ms is not between 10 and 5000", r.HeartbeatInterval)
	}
	if r.ElectionTimeout < 5*r.HeartbeatInterval {
		v.Problem("election_timeout", "%d ms is less than 5 heartbeats of %d ms: etcd refuses it", r.ElectionTimeout, r.HeartbeatInterval)
	}
	if r.ElectionTimeout > 50000 {
		v.Problem("election_timeout", "%d ms is more than the 50000 that etcd takes", r.ElectionTimeout)
	}
	if r.CompactionRetention < time.Minute {
		v.Problem("compaction_retention", "%s is too short: at least 1m", r.CompactionRetention)
	}
}

func (r *Role) validateMembers(v *runner.View) {
	members := membersOf(v)
	if !v.Host.In(Name) {
		return
	}
	if !regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`).MatchString(v.Host.Name) {
		v.Problem("", "the host's name %q cannot name an etcd member: use letters, digits, dots and hyphens", v.Host.Name)
	}
	if v.Host.Name == members[0].Name { // once for the cluster
		warnOfNumber(v, members)
	}
	for i, name := range r.BootstrapWithout {
		if !slices.ContainsFunc(members, func(m Member) bool { return m.Name == name }) {
			v.Problem("bootstrap_without["+strconv.Itoa(i)+"]", "%q is not a host in group etcd of this cluster", name)
		}
	}
	if n := len(r.BootstrapWithout); n > 0 && n >= len(members) {
		v.Problem("bootstrap_without", "names all members: somebody must found the cluster")
	}
	for _, m := range members {
		if m.ClientURL != "" && m.Name != v.Host.Name && portOf(m.ClientURL) != strconv.Itoa(r.ClientPort) {
			v.Problem("client_port", "is %d here and %s on %s", r.ClientPort, portOf(m.ClientURL), m.Name)
		}
	}
}

func warnOfNumber(v *runner.View, members []Member) {
	switch {
	case len(members) == 1:
		v.Warning("", "the cluster has one etcd member: when %s stops, no failover is possible; use three", members[0].Name)
	case len(members)%2 == 0:
		v.Warning("", "%d etcd members survive as many failures as %d: use an odd number", len(members), len(members)-1)
	case len(members) > 7:
		v.Warning("", "%d etcd members make every write slower: 3 or 5 are enough", len(members))
	}
}

func (r *Role) dataDir(v *runner.View) string {
	if r.DataDir != "" {
		return r.DataDir
	}
	return "/var/lib/etcd/" + v.Cluster
}

// Apply makes the host a running member, or says what keeps it from that.
func (r *Role) Apply(ctx context.Context, t *runner.Target) error {
	if !t.Host.In(Name) {
		return nil
	}
	m, err := newMachine(r, t.View)
	if err != nil {
		return err
	}
	return m.apply(ctx, t)
}

var _ runner.Publisher = (*Role)(nil)

func errNoMember(v *runner.View) error {
	return fmt.Errorf("the role etcd of %s publishes nothing", v.Host.Name)
}
