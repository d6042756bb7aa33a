//go:build integration || bench

package integration

import (
	"context"
	"testing"
	"time"

	"github.com/pgrun/pgrun/integration/client"
)

// traffic is a client that writes through the balancer while something happens.
type traffic struct {
	*client.Writer
	stop func()
}

// write begins to write to a table of that name, and returns when rows flow.
func (c *cluster) write(t *testing.T, table string) *traffic {
	t.Helper()
	w, err := client.NewWriter(t.Context(), c.endpoint(t, 5000), table)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		w.Run(ctx)
	}()
	tr := &traffic{w, func() { cancel(); <-done }}
	t.Cleanup(tr.stop)
	tr.flows(t, 10*time.Second)
	return tr
}

func (w *traffic) flows(t *testing.T, within time.Duration) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	if err := w.Flows(ctx); err != nil {
		t.Fatalf("within %s: %v", within, err)
	}
}

// end stops the writer and judges: nothing acknowledged may be missing, and no gap be longer than the bound.
func (w *traffic) end(t *testing.T, what string, bound time.Duration) {
	t.Helper()
	w.stop()
	verdict, err := w.Verify(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	gap := w.Ledger.Longest().Length()
	t.Logf("measured: %s: longest write gap %.2f s (bound %.0f s), %d rows acknowledged, %d lost, %d duplicates, %d attempts repeated (%d on a standby)",
		what, gap.Seconds(), bound.Seconds(), w.Ledger.Acked(), len(verdict.Lost), len(verdict.Duplicates), w.Ledger.Errors, w.Ledger.ReadOnly)
	if !verdict.Clean() {
		t.Errorf("lost %v, duplicates %v, foreign %v", verdict.Lost, verdict.Duplicates, verdict.Foreign)
	}
	if gap > bound {
		t.Errorf("nobody could write for %s; last error: %v", gap, w.Ledger.Last)
	}
}
