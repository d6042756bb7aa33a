package ssh

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
)

// Dialer opens connections. It holds what they share: keys, the agent,
// known_hosts, jump hosts, and the bounds on how many are opened at once.
type Dialer struct {
	options    Options
	machine    machine
	limits     limits
	roots      []string // folders on a host that may hold the binary
	log        *log
	identities *identities
	agents     *agents
	forks      *slots
	perServer  *slots
	jumpHosts  *jumpHosts
	binaries   *binaries

	mu       sync.Mutex
	hostKeys map[string]*hostKeys // by the list of files
}

// NewDialer makes a Dialer. Close it after the last connection.
func NewDialer(o Options) *Dialer { return newDialer(o, thisMachine(), defaultLimits()) }

func newDialer(o Options, m machine, l limits) *Dialer {
	d := &Dialer{
		options: o, machine: m, limits: l, roots: installRoots(),
		log:       &log{write: o.Log},
		forks:     &slots{size: o.Forks},
		perServer: &slots{size: l.perServer},
		hostKeys:  map[string]*hostKeys{},
	}
	d.identities = &identities{warn: d.log.once}
	d.agents = &agents{warn: d.log.once}
	d.jumpHosts, d.binaries = &jumpHosts{}, &binaries{}
	return d
}

// Close ends the connections to jump hosts and agents.
func (d *Dialer) Close() error {
	d.jumpHosts.close()
	d.agents.close()
	return nil
}

// Validate checks what can be checked without contacting anybody: the options,
// ~/.ssh/config and the private key. Its errors belong to the input (exit 4);
// that of one variable is a [VariableError].
func (d *Dialer) Validate(c Connection, name string) error {
	if c.Local {
		return nil
	}
	t, err := d.resolve(c, name)
	var variable *VariableError
	switch {
	case errors.As(err, &variable):
		return err
	case err != nil:
		return fmt.Errorf("connection to %s: %w", name, err)
	}
	for i, path := range t.keys.named {
		if id := d.identities.load(path); id.err != nil {
			return &VariableError{Variable: t.keys.namedBy[i], Err: id.err}
		}
	}
	return nil
}

// Open connects to a host and logs in. Its errors are of type [Error] but for
// the context's.
func (d *Dialer) Open(ctx context.Context, c Connection, name string) (*Client, error) {
	t, err := d.resolve(c, name)
	if err != nil {
		return nil, &Error{Reason: BadArguments, Err: err}
	}
	release, err := d.forks.take(ctx, "")
	if err != nil {
		return nil, err
	}
	defer release()
	conn, err := d.connect(ctx, t)
	if err != nil {
		return nil, err
	}
	return &Client{conn: conn, dialer: d, target: t, become: c.Become == nil || *c.Become}, nil
}

// hostKeysFor returns the check against a list of files, shared by all hosts
// that have the same list.
func (d *Dialer) hostKeysFor(files []string) *hostKeys {
	d.mu.Lock()
	defer d.mu.Unlock()
	key := strings.Join(files, "\x00")
	found, ok := d.hostKeys[key]
	if !ok {
		found = &hostKeys{files: files, warn: d.log.once, patience: d.limits.lock}
		d.hostKeys[key] = found
	}
	return found
}
