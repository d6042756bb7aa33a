package control

import (
	"context"
	"io"
	"time"

	"github.com/pgrun/pgrun/config"
	"github.com/pgrun/pgrun/inventory"
	"github.com/pgrun/pgrun/playbooks"
	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/worker"
)

// How long roles wait for the live state that other hosts bring about.
const (
	PatiencePushed = 2 * time.Minute
	PatienceLocal  = 20 * time.Minute // the others may still boot
)

// Options describe a run.
type Options struct {
	Self      worker.Self
	Registry  runner.Registry
	Inventory *inventory.Inventory
	Playbook  *playbooks.Playbook
	Problems  *config.Problems

	Limit          string   // pattern; "": all
	Tags, SkipTags []string // as Ansible's
	Check          bool     // look, do not touch
	Local          bool     // this machine is one of the hosts, and the only one to change
	As             string   // with Local: which; "": found by address or name
	Patience       time.Duration
	NoRestart      bool // leave restarts that are due for another time

	// ListOnly is for a plan that is looked at and never run: no secret is read.
	ListOnly bool

	// Transport reaches the hosts; nil with Local.
	Transport Transport
}

// Transport starts workers on hosts.
type Transport interface {
	// Open connects to a host and starts a worker there. The stream begins
	// after the worker's token. Errors may be a *runner.FailureError.
	Open(ctx context.Context, c inventory.Connection, host string) (Stream, error)
}

// Operator is whoever follows a run.
type Operator struct {
	// Report is called for every event, one at a time; nil: nobody listens.
	Report func(runner.Event)
	// Stop, when it is closed, begins no new step and ends what runs in order;
	// nil: never.
	Stop <-chan struct{}
}

// Validator is a Transport that knows what is wrong with a connection before
// it is made.
type Validator interface {
	Validate(c inventory.Connection, host string) error
}

// Stream is a worker's stdin and stdout.
type Stream interface {
	io.ReadWriteCloser
	// CloseWrite ends the worker's input: it ends the step in flight, frees the
	// lock and ends its output.
	CloseWrite() error
	// Tail is the end of what the worker printed on stderr.
	Tail() string
}

// Summary is how a run ended.
type Summary struct {
	Hosts map[string]runner.Counts
	Check bool
	// Kinds of failures that happened (runner.KindFailed and so on).
	Kinds map[string]bool
}

// OK says whether nothing failed.
func (s Summary) OK() bool { return len(s.Kinds) == 0 }

// Changed says whether something changed, or with Check would change.
func (s Summary) Changed() bool {
	for _, c := range s.Hosts {
		if c.Changed > 0 {
			return true
		}
	}
	return false
}
