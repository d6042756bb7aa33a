package ssh

import (
	"cmp"
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/pgrun/pgrun/config"
)

// target is where a connection goes, and how: everything is decided.
type target struct {
	alias          string // as the inventory or a ProxyJump names it
	host           string
	port           int
	user           string
	password       config.Secret
	keys           keySources
	knownHosts     []string // the first one takes new keys
	acceptNew      bool
	keyName        string // host:port under which known_hosts has it
	connectTimeout time.Duration
	retries        int       // when the host cannot be reached
	via            []*target // jump hosts, the first is dialled
}

// keySources say which keys to offer.
type keySources struct {
	named      []string // of the inventory, --private-key, -i: offered first; must be readable
	namedBy    []string // the variable or flag of each
	configured []string // of ~/.ssh/config, or OpenSSH's defaults: may be missing
	only       bool     // no other keys of the agent
	agent      string   // socket, "": none
}

// resolve decides where a host of the inventory is and how to get there.
func (d *Dialer) resolve(c Connection, name string) (*target, error) {
	var args arguments
	var by []string
	if c.PrivateKeyFile != "" {
		by = append(by, "ansible_ssh_private_key_file")
	} else if d.options.PrivateKey != "" {
		by = append(by, "--private-key")
	}
	for _, v := range c.arguments() {
		before := len(args.identityFiles)
		if err := args.parse(v.words); err != nil {
			return nil, &VariableError{Variable: v.name, Err: err}
		}
		by = append(by, slices.Repeat([]string{v.name}, len(args.identityFiles)-before)...)
	}
	s := args.settings
	identities := s.identityFiles
	if named := cmp.Or(c.PrivateKeyFile, d.options.PrivateKey); named != "" {
		identities = append([]string{named}, identities...)
	}
	s.identityFiles = nil
	if user := cmp.Or(c.User, d.options.User); user != "" {
		s.user = user
	}
	if c.Port != 0 {
		s.port = c.Port
	}
	if c.Timeout != 0 {
		s.connectTimeout = c.Timeout
	}
	t, err := d.target(s, cmp.Or(c.Address, name), 0)
	if err != nil {
		return nil, err
	}
	t.keys.named, t.keys.namedBy = d.machine.expandAll(identities, t), by
	t.password, t.retries = c.Password, c.Retries
	return t, nil
}

// target fills what s leaves open from ssh_config and the defaults.
func (d *Dialer) target(s settings, alias string, depth int) (*target, error) {
	if depth > maxHops {
		return nil, fmt.Errorf("ProxyJump: more than %d jump hosts before %s", maxHops, alias)
	}
	if err := d.readConfig(&s, alias); err != nil {
		return nil, err
	}
	t := &target{alias: alias, host: alias, port: 22, user: cmp.Or(s.user, d.machine.user), connectTimeout: s.connectTimeout}
	if s.port != 0 {
		t.port = s.port
	}
	if s.hostName != "" {
		t.host = strings.NewReplacer("%%", "%", "%h", alias).Replace(s.hostName)
	}
	if err := sound(t); err != nil {
		return nil, err
	}
	t.keyName = t.address()
	if s.hostKeyAlias != "" {
		t.keyName = net.JoinHostPort(s.hostKeyAlias, "22")
	}
	d.hostKeyFiles(t, s)
	d.keySources(t, s)
	return t, d.jumps(t, s, depth)
}

func (d *Dialer) readConfig(s *settings, alias string) error {
	files := configFiles{machine: d.machine, warn: d.log.once}
	if s.configFile != "" {
		if s.configFile == "none" {
			return nil
		}
		return files.apply(s, d.machine.expand(s.configFile, &target{}), alias)
	}
	if d.machine.home != "" {
		if err := files.apply(s, filepath.Join(d.machine.home, ".ssh", "config"), alias); err != nil {
			return err
		}
	}
	return files.apply(s, d.machine.systemConfig, alias)
}

// sound keeps out what could only be a mistake or an attack on a log.
func sound(t *target) error {
	for _, field := range [][2]string{{"address", t.host}, {"user", t.user}} {
		what, value := field[0], field[1]
		if value == "" {
			return fmt.Errorf("%s: the %s is missing", t.alias, what)
		}
		if strings.HasPrefix(value, "-") || strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r == 0x7f }) {
			return fmt.Errorf("%s %q has a blank, a control character or a leading dash", what, value)
		}
	}
	return nil
}

func (d *Dialer) hostKeyFiles(t *target, s settings) {
	t.acceptNew = d.options.AcceptNewHostKeys
	user, global := s.knownHosts, s.globalKnown
	if d.options.KnownHostsFiles != nil {
		user, global = d.options.KnownHostsFiles, []string{}
	}
	if user == nil {
		user = []string{"~/.ssh/known_hosts", "~/.ssh/known_hosts2"}
	}
	if global == nil {
		global = []string{d.machine.systemKnownHosts}
	}
	t.knownHosts = d.machine.expandAll(append(user[:len(user):len(user)], global...), t)
}

func (d *Dialer) keySources(t *target, s settings) {
	t.keys.only = s.identitiesOnly != nil && *s.identitiesOnly
	t.keys.agent = d.machine.agentSocket
	switch s.identityAgent {
	case "", "SSH_AUTH_SOCK":
	case "none":
		t.keys.agent = ""
	default:
		t.keys.agent = d.machine.expand(s.identityAgent, t)
	}
	t.keys.configured = d.machine.expandAll(s.identityFiles, t)
	if len(s.identityFiles) == 0 {
		t.keys.configured = d.machine.expandAll([]string{"~/.ssh/id_ed25519", "~/.ssh/id_ecdsa", "~/.ssh/id_rsa"}, t)
	}
}

// jumps resolves the hosts on the way. A hop has its own settings in
// ~/.ssh/config; --private-key is tried there too, the host's own key is not.
func (d *Dialer) jumps(t *target, s settings, depth int) error {
	if s.proxy == nil || s.proxy.leadsTo(t) {
		return nil
	}
	for i, h := range s.proxy.hops {
		if i > 0 {
			h.with.proxy = &proxy{} // only the first one may have a way of its own
		}
		named := append([]string(nil), h.with.identityFiles...)
		h.with.identityFiles = nil
		setOnce(&h.with.configFile, s.configFile)
		via, err := d.target(h.with, h.alias, depth+1)
		if err != nil {
			return err
		}
		if d.options.PrivateKey != "" {
			named = append(named, d.options.PrivateKey)
		}
		via.keys.named = d.machine.expandAll(named, via)
		t.via = append(t.via, append(via.via, via)...)
		via.via = nil
	}
	return nil
}

func (t *target) String() string {
	return t.user + "@" + t.host + ":" + strconv.Itoa(t.port)
}
