package modules

import (
	"context"
	"io/fs"
	"time"
)

// Reader observes a machine and cannot change it. Every path is absolute.
type Reader interface {
	// Lstat describes a path without following a link at its end.
	// A missing path is an error that wraps fs.ErrNotExist.
	Lstat(ctx context.Context, path string) (*Stat, error)

	// ReadFile returns a file's content. A file above max bytes is an error;
	// max 0 means 1 MiB.
	ReadFile(ctx context.Context, path string, max int64) ([]byte, error)

	// ReadDir returns the sorted names below a folder.
	ReadDir(ctx context.Context, path string) ([]string, error)

	// Query runs a command of the read-only table (see ReadOnly); any other
	// is refused. A command that exits non-zero is an *ExitError.
	Query(ctx context.Context, c Command) (*Result, error)

	// Get sends GET, HEAD or OPTIONS, or a POST that only reads (see
	// ReadOnlyRequest); anything else is refused. Every status that the server
	// answers is a Response, not an error.
	Get(ctx context.Context, r Request) (*Response, error)

	// Unit describes a systemd unit. A unit that systemd does not know has
	// LoadState "not-found" and no error.
	Unit(ctx context.Context, name string) (*Unit, error)
}

// Host is a machine that can be changed. It is the only way to the machine:
// roles and modules use neither os, nor os/exec, nor net/http.
type Host interface {
	Reader

	// WriteFile replaces a file atomically: a temporary file in the same
	// folder, owner and mode before content, Validate on it, fsync, rename,
	// fsync of the folder. The folder must exist.
	WriteFile(ctx context.Context, c Content) error

	// MakeDir creates a folder and its missing parents (root, 0755), or sets
	// owner and mode of an existing one.
	MakeDir(ctx context.Context, path string, a Attributes) error

	// Link makes or replaces a symbolic link.
	Link(ctx context.Context, path, target string) error

	// SetAttributes sets owner, group and mode of what is there.
	SetAttributes(ctx context.Context, path string, a Attributes) error

	// Remove removes a file, a link or an empty folder; missing is no error.
	Remove(ctx context.Context, path string) error

	// Exec runs any command. Non-zero exit is an *ExitError.
	Exec(ctx context.Context, c Command) (*Result, error)

	// Send sends a request of any method.
	Send(ctx context.Context, r Request) (*Response, error)

	// Announce answers GET of a path on addr ("10.0.0.1:2380") with what body
	// returns at that moment, as JSON, and 404 elsewhere, until stop is called
	// or ctx ends. It is how hosts that run no service yet tell each other so.
	// When stop returns the port is free.
	Announce(ctx context.Context, addr, path string, body func() []byte) (stop func(), err error)

	// Job asks systemd for a job on a unit and waits for its end: start, stop,
	// restart, reload, enable, disable, mask, unmask. start-no-block and
	// restart-no-block do not wait. The unit name is ignored for daemon-reload.
	Job(ctx context.Context, unit, verb string) error
}

// Stat is what Lstat sees.
type Stat struct {
	Mode    fs.FileMode // type and permission bits
	Owner   string      // user name, or the number where there is none
	Group   string
	UID     int
	GID     int
	Size    int64
	ModTime time.Time
	Target  string // of a symbolic link
}

// Attributes are owner, group (names or numbers) and permission bits; "" and 0 leave as is
// (for something new: root, root, 0644 or 0755).
type Attributes struct {
	Owner, Group string
	Mode         fs.FileMode
}

// Content is a file to be written.
type Content struct {
	Path string
	Data []byte
	Attributes
	// Validate is run on the temporary file before it replaces the old one;
	// the argument "{}" stands for its path.
	Validate []string
	// ValidateUser is who Validate runs as; "" is root. A program that looks into
	// folders of another user runs as that one: whatever it does with what it
	// finds there, that user could do too.
	ValidateUser string
}

// Command is a program to run. There is no shell and no quoting.
type Command struct {
	Argv     []string
	Env      []string      // added to a small fixed environment; never a secret
	Stdin    []byte        // secrets go here
	User     string        // run as this user; "" is root
	Dir      string        // "" is /
	Deadline time.Duration // 0 is 60 s

	script bool // made by Script.Command, so that Query may run it
}

// Result is what a command printed, each stream capped at 1 MiB (the head
// and the tail are kept).
type Result struct {
	Stdout, Stderr []byte
	Code           int
}

// Request is an HTTP request from the host itself. Redirects are not
// followed, proxies of the environment not used.
type Request struct {
	Method         string // "" is GET
	URL            string
	Header         map[string]string
	Body           []byte
	User, Password string        // basic authentication where User is set
	CA, Cert, Key  string        // paths on the host, for https
	Socket         string        // path of a Unix socket to connect to instead
	Deadline       time.Duration // 0 is 10 s
}

// Response is an HTTP answer, its body capped at 1 MiB.
type Response struct {
	Status int
	Header map[string]string
	Body   []byte
}

// Unit is the state of a systemd unit.
type Unit struct {
	Name          string
	LoadState     string // loaded, not-found, masked
	ActiveState   string // active, inactive, failed, activating, deactivating, reloading
	SubState      string
	UnitFileState string // enabled, disabled, static, masked, ""
	InvocationID  string // new at each start
	MainPID       int
	Started       time.Time // when its last start began
	NeedsReload   bool      // its files changed since systemd read them
	FragmentPath  string    // its file, "" for one that systemd made up
	SourcePath    string    // what its file was made from: /etc/fstab, or /proc/self/mountinfo
}
