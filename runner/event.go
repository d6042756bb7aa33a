package runner

// State is the outcome of a step.
type State string

// The states of a step.
const (
	Changed   State = "changed"
	Unchanged State = "unchanged"
	Skipped   State = "skipped"
	Failed    State = "failed"
)

// The kinds of events.
const (
	EventStep    = "step"    // a step ended
	EventStart   = "start"   // a step began that takes long enough to show
	EventPlay    = "play"    // a play began (controller)
	EventNote    = "note"    // something worth a line: which built-in file is used, a leftover removed
	EventWarning = "warning" // about the inventory, or what a run leaves as it is
	EventReport  = "report"  // what was done, for the report at the end; ms is the longest gap between two writes
	EventPlan    = "plan"    // what would interrupt a service, in the order of the run; ms is how long writes would be out
	EventDue     = "due"     // a restart that is due and was left for another time
	EventHost    = "host"    // a host connected, became unreachable or left the run
	EventRecap   = "recap"   // last line
)

// Event is one thing that happened. It is the wire's and the JSON output's
// form: host and play are stamped by the controller, never believed.
type Event struct {
	Event   string   `json:"event"`
	Host    string   `json:"host,omitempty"`
	Play    string   `json:"play,omitempty"`
	Role    string   `json:"role,omitempty"`
	Action  string   `json:"action,omitempty"`
	Step    string   `json:"step,omitempty"`
	State   State    `json:"state,omitempty"`
	Why     string   `json:"why,omitempty"`
	Diff    string   `json:"diff,omitempty"`
	Failure *Failure `json:"failure,omitempty"`
	MS      int64    `json:"ms,omitempty"`

	// Of a recap.
	OK    *bool             `json:"ok,omitempty"`
	Check *bool             `json:"check,omitempty"`
	Hosts map[string]Counts `json:"hosts,omitempty"`
}

// The kinds of failures, by the exit code that they lead to.
const (
	KindFailed      = "failed"      // 2
	KindUnreachable = "unreachable" // 3
	KindLocked      = "locked"      // 5
	KindRefused     = "refused"     // 6
	KindInterrupted = "interrupted" // 130
	KindInternal    = "internal"    // 1
)

// Failure is why a step or a host failed, with what the operator needs.
type Failure struct {
	Kind   string   `json:"kind"`
	Error  string   `json:"error"`
	Argv   []string `json:"argv,omitempty"` // masked
	Code   int      `json:"code,omitempty"`
	Output string   `json:"output,omitempty"` // the last 20 lines
	Hint   string   `json:"hint,omitempty"`   // what to do
}

// Counts is a host's line of the recap.
type Counts struct {
	Changed     int  `json:"changed"`
	Unchanged   int  `json:"unchanged"`
	Skipped     int  `json:"skipped"`
	Failed      int  `json:"failed"`
	Unreachable bool `json:"unreachable"`
}
