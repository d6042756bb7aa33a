// Package fake is a machine in memory: a modules.Host for tests. It begins as
// a bare Debian machine, is arranged by hand (Put, Install, SetUnit, Answer,
// Serve), and remembers everything that was changed: Log is made for golden
// files.
//
// It carries out what modules need of a real machine (apt-get, apt-mark,
// useradd, systemd-sysctl, ...) on its own tables. What it does not know must
// be scripted: an unknown command is not installed, an unknown URL is a
// refused connection.
package fake

import (
	"sync"
	"time"

	"github.com/pgrun/pgrun/modules"
)

// Host is a machine in memory. It may be used by several goroutines.
type Host struct {
	mu       sync.Mutex
	files    map[string]*file
	packages map[string]Package // installed
	offered  map[string]Package // in the package sources
	units    map[string]*modules.Unit
	unmasked map[string]string // what masked units were before
	jobs     map[string]func(verb string) error
	answers  []answer
	replies  []reply
	log      []string

	announced map[string]func() []byte
	clock     time.Time
	starts    int // so that every invocation has its own number
}

var _ modules.Host = (*Host)(nil)

// New returns a bare Debian machine: the usual folders, root's account, no
// packages, no units.
func New() *Host {
	h := &Host{
		files:     map[string]*file{},
		packages:  map[string]Package{},
		offered:   map[string]Package{},
		units:     map[string]*modules.Unit{},
		unmasked:  map[string]string{},
		jobs:      map[string]func(string) error{},
		announced: map[string]func() []byte{},
		clock:     time.Now().Add(-time.Hour), // so that nothing was made in the future
	}
	for _, folder := range folders() {
		h.PutDir(folder, modules.Attributes{})
	}
	h.Put("/etc/passwd", "root:x:0:0:root:/root:/bin/bash\n")
	h.Put("/etc/group", "root:x:0:\n")
	h.Put("/var/lib/dpkg/status", "")
	return h
}

func folders() []string {
	return []string{
		"/etc/apt/apt.conf.d", "/etc/apt/keyrings", "/etc/apt/preferences.d", "/etc/apt/sources.list.d",
		"/etc/default", "/etc/logrotate.d", "/etc/modules-load.d", "/etc/security/limits.d", "/etc/ssl/certs",
		"/etc/sudoers.d", "/etc/sysctl.d", "/etc/systemd/system", "/etc/tmpfiles.d", "/etc/udev/rules.d",
		"/run/pgrun/units", "/var/lib/pgrun/apt",
		"/home", "/proc/sys", "/root", "/tmp", "/usr/bin", "/usr/lib/systemd/system", "/usr/local/bin",
		"/usr/local/sbin", "/usr/sbin", "/usr/share/keyrings", "/var/cache/apt/archives", "/var/lib/apt/lists",
		"/var/lib/dpkg/updates", "/var/log", "/srv", "/opt", "/dev", "/sys",
	}
}

// Now is the machine's clock: it advances by a second with each change.
func (h *Host) Now() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.clock
}

func (h *Host) tick() time.Time {
	h.clock = h.clock.Add(time.Second)
	return h.clock
}
