// Package client writes to and reads from a cluster's published endpoint as an application does, and keeps the books:
// which rows the database acknowledged and when. What was acknowledged must be there afterwards; how long nobody could write is
// the longest gap between two acknowledgements. Every load is bounded in time and count.
package client

import (
	"slices"
	"time"
)

// Ledger is what one writer knows. Ids count from 1; each is tried until the database acknowledges it.
type Ledger struct {
	acked    []ack
	tried    int64 // the highest id that was sent at all
	Errors   int   // attempts that failed, and were repeated
	ReadOnly int   // of those: the server was a standby (SQLSTATE 25006)
	Last     error // the last such failure
}

type ack struct {
	id int64
	at time.Time // carries the monotonic clock
}

func (l *Ledger) try(id int64) { l.tried = max(l.tried, id) }

func (l *Ledger) ack(id int64, at time.Time) { l.acked = append(l.acked, ack{id, at}) }

// Acked is how many rows the database said it has.
func (l *Ledger) Acked() int { return len(l.acked) }

// Unknown is how many rows were sent and never answered: they may be there or not.
func (l *Ledger) Unknown() int { return int(l.tried) - len(l.acked) }

// Gap is a time without an acknowledgement.
type Gap struct {
	From, To time.Time
}

// Length of the gap.
func (g Gap) Length() time.Duration { return g.To.Sub(g.From) }

// Longest is the longest gap between two acknowledged rows.
func (l *Ledger) Longest() Gap {
	var longest Gap
	for i := 1; i < len(l.acked); i++ {
		if gap := (Gap{l.acked[i-1].at, l.acked[i].at}); gap.Length() > longest.Length() {
			longest = gap
		}
	}
	return longest
}

// Verdict compares the ledger with the table.
type Verdict struct {
	Lost       []int64 // acknowledged and not there
	Duplicates []int64 // there more than once
	Foreign    []int64 // there and never sent
}

// Clean says that nothing is wrong.
func (v Verdict) Clean() bool { return len(v.Lost)+len(v.Duplicates)+len(v.Foreign) == 0 }

// Judge takes the ids that the table holds.
func (l *Ledger) Judge(rows []int64) Verdict {
	var v Verdict
	times := map[int64]int{}
	for _, id := range rows {
		times[id]++
		switch {
		case times[id] == 2:
			v.Duplicates = append(v.Duplicates, id)
		case id < 1 || id > l.tried:
			v.Foreign = append(v.Foreign, id)
		}
	}
	for _, a := range l.acked {
		if times[a.id] == 0 {
			v.Lost = append(v.Lost, a.id)
		}
	}
	slices.Sort(v.Lost)
	return v
}
