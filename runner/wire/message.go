package wire

import (
	"encoding/json"
	"net/netip"
	"time"

	"github.com/pgrun/pgrun/runner"
)

// Request is a frame from the controller; one field is set.
type Request struct {
	Setup  *Setup  `json:"setup,omitempty"`
	Peers  []Peer  `json:"peers,omitempty"` // may come in several frames, before Setup
	Apply  *Apply  `json:"apply,omitempty"`
	Survey *Action `json:"survey,omitempty"`
	Turn   *Action `json:"turn,omitempty"`
	Stop   bool    `json:"stop,omitempty"` // begin no new step
	Ping   bool    `json:"ping,omitempty"`
}

// Setup is what a host needs to know for the whole run.
type Setup struct {
	Host     string            `json:"host"`
	Cluster  string            `json:"cluster"`
	Owner    string            `json:"owner"` // who runs pgrun, for the next one that finds the lock held
	Sections map[string]string `json:"sections"`
	Check    bool              `json:"check,omitempty"`
	Wait     bool              `json:"wait,omitempty"` // for the lock, rather than give up
	Patience time.Duration     `json:"patience"`
	Given    map[string]string `json:"given,omitempty"`    // variables for actions
	LeftOut  []string          `json:"left_out,omitempty"` // hosts of the cluster, by --limit
}

// Peer is a host of the cluster.
type Peer struct {
	Name      string                     `json:"name"`
	Address   netip.Addr                 `json:"address"`
	Groups    []string                   `json:"groups,omitempty"`
	Published map[string]json.RawMessage `json:"published,omitempty"`
}

// Apply lets roles converge the host, in order.
type Apply struct {
	Roles []string `json:"roles"`
}

// Action names an action of a role.
type Action struct {
	Role string `json:"role"`
	Name string `json:"name"`
	Rank int    `json:"rank,omitempty"` // of a turn: what the survey said
	// Next says that another host has just had its turn: what that stirred up
	// may take a moment to settle.
	Next bool `json:"next,omitempty"`
}

// Reply is a frame from the worker; one field is set.
type Reply struct {
	Hello    *Hello        `json:"hello,omitempty"`
	Ready    *Ready        `json:"ready,omitempty"`    // answers Setup
	Event    *runner.Event `json:"event,omitempty"`    // any time
	Done     *Done         `json:"done,omitempty"`     // answers Apply and Turn
	Surveyed *Surveyed     `json:"surveyed,omitempty"` // answers Survey
	Pong     bool          `json:"pong,omitempty"`

	// Step counts what the worker has begun; 0 while nothing is asked of it.
	// Left is how long that may still take by its own deadline. They come with
	// every reply, so that a worker that lives but does not go on is known.
	Step int64         `json:"step,omitempty"`
	Left time.Duration `json:"left,omitempty"`
}

// Hello is the worker's first frame. Its version needs no word: the binary was
// found by its hash.
type Hello struct {
	PID int `json:"pid"`
}

// Ready answers Setup.
type Ready struct {
	Failure *runner.Failure `json:"failure,omitempty"` // the lock is held, a section does not decode
}

// Done ends an Apply or a Turn.
type Done struct {
	Failure *runner.Failure `json:"failure,omitempty"`
	// Again says that the host needs another turn after the others.
	Again bool `json:"again,omitempty"`
}

// Surveyed says whether an action is due.
type Surveyed struct {
	Why  string `json:"why,omitempty"`
	Rank int    `json:"rank,omitempty"`
	// Refused is why the action may not begin now.
	Refused *runner.Failure `json:"refused,omitempty"`
	// Alike is what must be the same on all hosts.
	Alike   map[string]string `json:"alike,omitempty"`
	Failure *runner.Failure   `json:"failure,omitempty"`
}
