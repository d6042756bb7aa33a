package ssh

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// settings are ssh_config's keywords, as far as pgrun knows them. The first
// value that is set counts, as in OpenSSH.
type settings struct {
	hostName       string
	port           int
	user           string
	identityFiles  []string
	identitiesOnly *bool
	identityAgent  string
	knownHosts     []string
	globalKnown    []string
	hostKeyAlias   string
	connectTimeout time.Duration
	proxy          *proxy
	configFile     string // of -F
}

// errOption is an option that pgrun does not know.
var errOption = errors.New("pgrun does not know it")

// set takes over one keyword.
func (s *settings) set(key string, values []string) error {
	if len(values) == 0 || values[0] == "" {
		return fmt.Errorf("%s: the value is missing", key)
	}
	value := values[0]
	if text := s.text(key); text != nil {
		setOnce(text, value)
		return nil
	}
	switch strings.ToLower(key) {
	case "identityfile":
		s.identityFiles = append(s.identityFiles, value)
		return nil
	case "identitiesonly":
		return s.setIdentitiesOnly(value)
	case "port":
		return s.setPort(value)
	case "connecttimeout":
		return s.setConnectTimeout(value)
	case "userknownhostsfile", "globalknownhostsfile":
		return s.setKnownHosts(key, values)
	case "stricthostkeychecking":
		return checkStrict(value)
	case "hostkeyalias":
		return s.setHostKeyAlias(value)
	case "proxyjump", "proxycommand":
		return s.setProxy(strings.ToLower(key), strings.Join(values, " "))
	}
	return moot(key, value)
}

// text is the field of a keyword whose value is taken as it is, or nil.
func (s *settings) text(key string) *string {
	switch strings.ToLower(key) {
	case "hostname":
		return &s.hostName
	case "user":
		return &s.user
	case "identityagent":
		return &s.identityAgent
	}
	return nil
}

// moot lets pass what does not matter to pgrun, which keeps one connection
// open, asks nothing and has a keepalive of its own.
func moot(key, value string) error {
	switch strings.ToLower(key) {
	case "forwardagent":
		if !isNo(value) {
			return errors.New("ForwardAgent: pgrun never forwards the agent; leave it out")
		}
		return nil
	case "controlmaster", "controlpersist", "controlpath", "serveraliveinterval", "serveralivecountmax",
		"tcpkeepalive", "compression", "loglevel", "batchmode", "requesttty", "addkeystoagent",
		"forwardx11", "passwordauthentication", "kbdinteractiveauthentication", "pubkeyauthentication",
		"gssapiauthentication", "preferredauthentications", "numberofpasswordprompts",
		"connectionattempts", "checkhostip", "updatehostkeys", "hashknownhosts":
		return nil
	}
	return fmt.Errorf("%s: %w", key, errOption)
}

func (s *settings) setPort(value string) error {
	port, err := strconv.Atoi(value)
	if err != nil || port < 1 || port > 65535 {
		return fmt.Errorf("port: %q is not a port (1 to 65535)", value)
	}
	if s.port == 0 {
		s.port = port
	}
	return nil
}

func (s *settings) setConnectTimeout(value string) error {
	seconds, err := strconv.Atoi(value)
	if err != nil || seconds < 1 || seconds > 3600 {
		return fmt.Errorf("ConnectTimeout: %q is not a number of seconds (1 to 3600)", value)
	}
	if s.connectTimeout == 0 {
		s.connectTimeout = time.Duration(seconds) * time.Second
	}
	return nil
}

func (s *settings) setIdentitiesOnly(value string) error {
	if s.identitiesOnly == nil {
		only := !isNo(value)
		s.identitiesOnly = &only
	}
	return nil
}

func (s *settings) setKnownHosts(key string, values []string) error {
	if strings.EqualFold(key, "GlobalKnownHostsFile") {
		if s.globalKnown == nil {
			s.globalKnown = values
		}
		return nil
	}
	if slices.Contains(values, "/dev/null") {
		return errors.New("UserKnownHostsFile=/dev/null: pgrun always checks host keys; " +
			"name a file, and --accept-new-host-keys lets new hosts in")
	}
	if s.knownHosts == nil {
		s.knownHosts = values
	}
	return nil
}

// errAcceptNew is StrictHostKeyChecking=accept-new. New keys are the operator's
// decision in each run, not that of a file.
var errAcceptNew = errors.New("StrictHostKeyChecking=accept-new: leave it out; --accept-new-host-keys lets new hosts in")

// checkStrict takes what leaves host keys checked, as they always are.
func checkStrict(value string) error {
	switch strings.ToLower(value) {
	case "yes", "true", "ask":
		return nil
	case "accept-new":
		return errAcceptNew
	case "no", "false", "off":
		return fmt.Errorf("StrictHostKeyChecking=%s: pgrun always checks host keys; leave it out, "+
			"--accept-new-host-keys lets new hosts in", value)
	}
	return fmt.Errorf("StrictHostKeyChecking: %q is not yes or ask", value)
}

var hostName = regexp.MustCompile(`^[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?$`)

// setHostKeyAlias takes the name of a host: it begins a line of known_hosts.
func (s *settings) setHostKeyAlias(value string) error {
	if _, err := netip.ParseAddr(value); err != nil && !hostName.MatchString(value) {
		return fmt.Errorf("HostKeyAlias: %q is no name or address of a host", value)
	}
	setOnce(&s.hostKeyAlias, value)
	return nil
}

// expand replaces OpenSSH's tokens and ~ in the name of a file.
func (m machine) expand(path string, t *target) string {
	path = strings.NewReplacer("%%", "%", "%d", m.home, "%h", t.host, "%n", t.alias,
		"%p", strconv.Itoa(t.port), "%r", t.user, "%u", m.user).Replace(path)
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		return filepath.Join(m.home, rest)
	}
	return path
}

func (m machine) expandAll(paths []string, t *target) []string {
	var list []string
	for _, p := range paths {
		list = append(list, m.expand(p, t))
	}
	return list
}

func (t *target) address() string { return net.JoinHostPort(t.host, strconv.Itoa(t.port)) }

func setOnce(into *string, value string) {
	if *into == "" {
		*into = value
	}
}

func isNo(value string) bool {
	switch strings.ToLower(value) {
	case "no", "false", "off", "none":
		return true
	}
	return false
}
