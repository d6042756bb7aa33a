package runner

import (
	"context"
	"time"

	"github.com/pgrun/pgrun/modules"
)

// Role is a section of the inventory that can bring its own host to the state
// that the section describes. The struct is the section: its fields are the
// keys, New fills in the defaults. A role touches only its own host.
type Role interface {
	// Validate reports problems of the section; it sees no machine. It is
	// called on the controller for every host before any is contacted.
	Validate(v *View)
	// Apply converges the host. It never restarts a running service that
	// others depend on: that is an Action.
	Apply(ctx context.Context, t *Target) error
}

// Publisher is a role that tells the roles of other hosts something. What it
// returns is marshalled as JSON; nil publishes nothing. No Secret may be in it.
type Publisher interface {
	Publish(v *View) any
}

// Actor is a role with actions.
type Actor interface {
	Actions() []Action
}

// Action is what a role does on demand, in a play of its own.
type Action struct {
	Name string
	// OneByOne lets one host of the cluster act at a time, whatever the
	// playbook says.
	OneByOne bool
	// Once lets one host act and then ends the play: what the first did must
	// not make the next one due (a switchover).
	Once bool
	// Unanimous ends the run for all hosts when one of them fails or refuses:
	// what must hold everywhere before anything is changed. A host that is away
	// does not count.
	Unanimous bool
	// Due says why the action is needed on this host; "" when it is not; a nil
	// Due is always due.
	Due func(ctx context.Context, o *Observer) (why string, err error)
	// Rank orders the hosts, lowest first; nil is 0 for all. The leader is last.
	Rank func(ctx context.Context, o *Observer) (int, error)
	// Gate must pass before Do at once, and after Do within Settle.
	Gate func(ctx context.Context, o *Observer) error
	// Early must pass on every host on which the action is due, before the
	// first of them acts: a gate that closes midway would leave some done.
	Early func(ctx context.Context, o *Observer) error
	// Before must pass in place of Gate before Do; nil is Gate. Check mode
	// warns of what Early and Before would refuse.
	Before func(ctx context.Context, o *Observer) error
	// Restarts marks an action that restarts what other changes of the same
	// playbook have made due: --no-restart leaves it for another time.
	Restarts bool
	// Alike tells what must be the same on all hosts of the cluster that are in
	// the play, before the first of them acts: the version on offer, say. Where
	// it differs the run ends with a refusal. A host on its own compares with
	// nobody.
	Alike func(ctx context.Context, o *Observer) (map[string]string, error)
	// Takes are the variables of -e that the action reads in Observer.Given.
	Takes []Variable
	// Settle bounds the wait for Gate after Do; 0 is 2 minutes.
	Settle time.Duration
	Do     func(ctx context.Context, t *Target) error
}

// Variable is one that the operator gives an action: -e to=db2. One that is not
// required is taken where the playbook's entry names it below `with`, so that
// what is meant for one playbook (force) has no effect in another.
type Variable struct {
	Name     string
	What     string // it says, for whoever left it out: "the host to remove"
	Required bool
	// Departs marks the name of a host that leaves the cluster: that it cannot
	// be reached is no failure of the run.
	Departs bool
	// Valid says what is wrong with a value. It sees no machine, and is called
	// for every host of the play before any is contacted.
	Valid func(v *View, value string) error
}

// SecretValidator is a role that looks at its secrets too. Validate does not
// know them: they are read at the end, once, for hosts of the run only.
type SecretValidator interface {
	ValidateSecrets(v *View)
}

// Postponer is a role whose section says that restarts wait for an operator.
type Postponer interface {
	PostponesRestarts() bool
}

// TurnKeeper is the role that keeps the turn of a cluster: a lease that only
// one host of it can hold, however the run was started.
type TurnKeeper interface {
	// TakeTurn waits until this host holds the turn. rank is this host's place
	// among others that wait for it at the same time. The returned context
	// ends when the turn is lost; release gives the turn back. The turn is a
	// key in the cluster's store, not a step: it is taken through the host
	// directly, never in check mode.
	TakeTurn(ctx context.Context, t *Target, h modules.Host, what string, rank int) (held context.Context, release func(), err error)
}

// Entry is a line of the registry.
type Entry struct {
	Name string
	// Group is where the role may run: on hosts outside it a play with it is a
	// problem. "" is everywhere.
	Group string
	New   func() Role // fresh, with the defaults
	Reads []string    // sections of other roles, on this host, that it may read
}

// Registry is the literal table of roles.
type Registry []Entry

// Find returns the entry of a name.
func (r Registry) Find(name string) (Entry, bool) {
	for _, e := range r {
		if e.Name == name {
			return e, true
		}
	}
	return Entry{}, false
}

// Names returns the names in the table's order.
func (r Registry) Names() []string {
	names := make([]string, len(r))
	for i, e := range r {
		names[i] = e.Name
	}
	return names
}
