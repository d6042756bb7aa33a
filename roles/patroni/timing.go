package patroni

import "fmt"

// timing is by when members act, in seconds.
type timing struct{ TTL, LoopWait, RetryTimeout, PrimaryStartTimeout int }

// presets are worked out so that loop_wait + 2*retry_timeout fits into ttl and
// a leader that cannot start is given up about as soon as one that is gone.
func presets() map[string]timing {
	return map[string]timing{
		"fast": {20, 5, 5, 15},
		"norm": {30, 5, 10, 25},
		"safe": {60, 10, 20, 45},
		"wide": {120, 20, 30, 95},
	}
}

// timing is the preset with the keys that are given over it.
func (r *Role) timing() timing {
	t := presets()[r.RTO]
	for key, value := range map[*int]int{
		&t.TTL: r.TTL, &t.LoopWait: r.LoopWait, &t.RetryTimeout: r.RetryTimeout, &t.PrimaryStartTimeout: r.PrimaryStartTimeout,
	} {
		if value != 0 {
			*key = value
		}
	}
	return t
}

// problem says which key breaks a rule of Patroni's, and how; "" is none.
func (t timing) problem() (key, message string) {
	switch {
	case t.TTL < 20:
		return "ttl", fmt.Sprintf("%d s is too short: Patroni takes 20 or more", t.TTL)
	case t.LoopWait < 1:
		return "loop_wait", fmt.Sprintf("%d s is too short: Patroni takes 1 or more", t.LoopWait)
	case t.RetryTimeout < 3:
		return "retry_timeout", fmt.Sprintf("%d s is too short: Patroni takes 3 or more", t.RetryTimeout)
	case t.PrimaryStartTimeout < 0:
		return "primary_start_timeout", "cannot be negative"
	case t.LoopWait+2*t.RetryTimeout > t.TTL:
		return "ttl", fmt.Sprintf("loop_wait + 2 * retry_timeout = %d + 2 * %d = %d s does not fit into ttl = %d s: "+
			"the leader would lose its key while it still tries; raise ttl to %d or lower the others",
			t.LoopWait, t.RetryTimeout, t.LoopWait+2*t.RetryTimeout, t.TTL, t.LoopWait+2*t.RetryTimeout)
	}
	return "", ""
}
