package haproxy

import "time"

// checks are the times of the health checks.
type checks struct {
	Inter, Fast, Down time.Duration // between checks: of a steady, an unsure, a dead server
	Timeout           time.Duration // for Patroni to answer
	Rise, Fall        int           // checks in a row that turn a server up, down
}

// checksFor returns the checks of an RTO preset, made to fit the preset's
// Patroni settings: a leader that hangs is out well before another can lead,
// and a new one is found within what the preset promises. Times are pigsty's,
// but that two answers in a row are enough, and a server that is down is asked
// as often as one that is unsure: it may be the next leader, and every
// interval is one more in which nobody can write. Presets with more time give
// a busy host more of it, too: three answers too late end its sessions.
func checksFor(rto string) (checks, bool) {
	const ms = time.Millisecond
	switch rto {
	case "fast":
		return checks{1000 * ms, 500 * ms, 500 * ms, 3000 * ms, 2, 3}, true
	case "norm", "":
		return checks{2000 * ms, 1000 * ms, 1000 * ms, 3000 * ms, 2, 3}, true
	case "safe":
		return checks{3000 * ms, 1500 * ms, 1500 * ms, 5000 * ms, 2, 3}, true
	case "wide":
		return checks{4000 * ms, 2000 * ms, 2000 * ms, 10000 * ms, 2, 3}, true
	}
	return checks{}, false
}
