package client

import (
	"errors"
	"reflect"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

func written(ids ...int64) *Ledger {
	l := &Ledger{}
	for _, id := range ids {
		l.try(id)
		l.ack(id, time.Now())
	}
	return l
}

func TestJudge(t *testing.T) {
	unanswered := written(1, 2)
	unanswered.try(3)
	cases := map[string]struct {
		ledger *Ledger
		rows   []int64
		want   Verdict
	}{
		"all there":                     {written(1, 2, 3), []int64{3, 1, 2}, Verdict{}},
		"acknowledged and gone":         {written(1, 2, 3), []int64{2}, Verdict{Lost: []int64{1, 3}}},
		"twice":                         {written(1, 2), []int64{1, 2, 2, 2}, Verdict{Duplicates: []int64{2}}},
		"never sent":                    {written(1), []int64{1, 7}, Verdict{Foreign: []int64{7}}},
		"unanswered, arrived":           {unanswered, []int64{1, 2, 3}, Verdict{}},
		"unanswered, did not arrive":    {unanswered, []int64{1, 2}, Verdict{}},
		"nothing written, nothing read": {&Ledger{}, nil, Verdict{}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := c.ledger.Judge(c.rows)
			if !reflect.DeepEqual(got, c.want) || got.Clean() != reflect.DeepEqual(c.want, Verdict{}) {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestUnknown(t *testing.T) {
	l := written(1, 2)
	l.try(3)
	l.try(3) // a retry is the same row
	if l.Acked() != 2 || l.Unknown() != 1 {
		t.Errorf("acked %d, unknown %d; want 2, 1", l.Acked(), l.Unknown())
	}
}

func TestLongestGap(t *testing.T) {
	if gap := written(1).Longest(); gap.Length() != 0 {
		t.Errorf("one row has no gap, got %s", gap.Length())
	}
	l, start := &Ledger{}, time.Now()
	for i, ms := range []int{0, 10, 20, 4020, 4030, 5000} {
		l.ack(int64(i+1), start.Add(time.Duration(ms)*time.Millisecond))
	}
	gap := l.Longest()
	if gap.Length() != 4*time.Second || !gap.From.Equal(start.Add(20*time.Millisecond)) {
		t.Errorf("got %s from %s", gap.Length(), gap.From.Sub(start))
	}
}

func TestFailedCountsReadOnly(t *testing.T) {
	w := &Writer{}
	w.failed(errors.New("connection refused"))
	w.failed(&pgconn.PgError{Code: "25006"})
	if w.Ledger.Errors != 2 || w.Ledger.ReadOnly != 1 {
		t.Errorf("errors %d, read-only %d; want 2, 1", w.Ledger.Errors, w.Ledger.ReadOnly)
	}
}
