package modules

import "time"

// Packages are Debian packages, installed without their services being
// started, without questions, and without removing others.
type Packages struct {
	Names []string
	// Version wanted of each name, as dpkg writes it; a trailing * is a glob;
	// none: any installed version will do, and it is not upgraded.
	Versions map[string]string
	Hold     bool              // hold the names, so that only pgrun upgrades them
	Latest   bool              // upgrade to the candidate version
	Preseed  map[string]string // files written before the installation, path to content (0644)
	LockWait time.Duration     // for another dpkg to end; 0 is 5 minutes
}

// AptRepository is a deb822 source with its pinned signing key.
type AptRepository struct {
	Name        string // file name below /etc/apt/sources.list.d, without .sources
	URIs        []string
	Suites      []string
	Components  []string
	Key         []byte         // armoured or binary OpenPGP key
	Fingerprint string         // the key's whole fingerprint, which it must have
	Pin         map[string]int // package glob to priority
	Trusted     bool           // of a local folder only: no key
}

// Service is a systemd unit.
type Service struct {
	Name     string
	Stopped  bool // shall not run (default: shall run)
	Disabled bool // shall not start at boot (default: shall)
	Masked   bool
	// Reload names files whose change since the last start or reload wants a
	// reload; Restart those whose change wants a restart. Service reloads by
	// itself, but restarts a running unit only with RestartAtOnce: units that
	// others depend on are restarted by an action, one host at a time.
	Reload        []string
	Restart       []string
	RestartAtOnce bool
	Deadline      time.Duration // for the start to finish; 0 is 90 s
	NoBlock       bool          // start without waiting: a member that blocks until there is a quorum
}

// Restart restarts a unit now and records its invocation and the digests of
// its files, so that Stale says nothing afterwards. For actions only.
type Restart struct {
	Service
	Why string
}

// User is a system user.
type User struct {
	Name   string
	Group  string // primary
	Groups []string
	Home   string
	Shell  string
	System bool
}

// Group is a system group.
type Group struct {
	Name   string
	System bool
}

// Sysctl is a set of kernel parameters, in /etc/sysctl.d/<Name>.conf and live.
type Sysctl struct {
	Name   string
	Values map[string]string
	// Optional keys that this kernel does not have, or that cannot be written
	// in a container, are left out of the live part with no error.
	Optional bool
}

// Script is SQL for psql, run as a system user over the local socket. Values
// are psql variables (`:'name'` in the text), so nothing is ever spliced in.
type Script struct {
	Bin      string // path of psql; "" is psql on the PATH
	Socket   string // folder of the socket; "" is /var/run/postgresql
	Port     int    // 0 is 5432
	Database string // "" is postgres
	User     string // system user and database role; "" is postgres
	Text     string
	Values   map[string]string // may be secret: they travel on stdin
}
