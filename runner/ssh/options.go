package ssh

import (
	"os"
	"os/user"
	"time"
)

// Options are what the command line says about connections.
type Options struct {
	User              string   // -u: for hosts without ansible_user
	PrivateKey        string   // --private-key: for hosts without ansible_ssh_private_key_file
	AcceptNewHostKeys bool     // remember the key of a host that no file knows; a changed key is refused all the same
	KnownHostsFiles   []string // nil: what ~/.ssh/config says, or ~/.ssh/known_hosts and /etc/ssh/ssh_known_hosts
	Forks             int      // how many hosts are dialled or uploaded to at once; 0: no limit

	// Log tells the operator about what was passed over: a Match block in
	// ~/.ssh/config, a line of known_hosts that does not parse. nil: nobody.
	Log func(format string, args ...any)
}

// limits are the bounds of every wait. They are fields, so that tests need not
// wait as long.
type limits struct {
	dial      time.Duration // until TCP is connected
	handshake time.Duration // from there until the login
	keepalive time.Duration // between two questions whether the other side lives
	silence   time.Duration // without an answer, the connection is closed
	start     time.Duration // from a command until its first line, sudo included
	install   time.Duration // the same for the command that unpacks the binary
	stall     time.Duration // of an upload without progress
	lock      time.Duration // for the lock of known_hosts
	retry     time.Duration // first wait before dialling again, doubled each time
	retryMost time.Duration // longest
	retries   int           // when cut off before the host key was seen
	perServer int           // handshakes at once with one sshd
}

// defaultLimits: sshd drops connections at random when more than 10 are not logged
// in yet (MaxStartups 10:30:100); 8 leave room for the ones that it still closes.
func defaultLimits() limits {
	return limits{
		dial: 10 * time.Second, handshake: 15 * time.Second,
		keepalive: 15 * time.Second, silence: 45 * time.Second,
		start: 30 * time.Second, install: 2 * time.Minute, stall: 30 * time.Second,
		lock:  5 * time.Second, // others hold it for milliseconds
		retry: 300 * time.Millisecond, retryMost: 10 * time.Second, retries: 4, perServer: 8,
	}
}

// machine is what this machine contributes: the user who runs pgrun and the
// files of OpenSSH.
type machine struct {
	user             string
	home             string
	agentSocket      string
	systemConfig     string
	systemKnownHosts string
}

func thisMachine() machine {
	m := machine{
		user:             os.Getenv("USER"),
		agentSocket:      os.Getenv("SSH_AUTH_SOCK"),
		systemConfig:     "/etc/ssh/ssh_config",
		systemKnownHosts: "/etc/ssh/ssh_known_hosts",
	}
	if u, err := user.Current(); err == nil {
		m.user, m.home = u.Username, u.HomeDir
	}
	if home, err := os.UserHomeDir(); err == nil {
		m.home = home
	}
	return m
}
