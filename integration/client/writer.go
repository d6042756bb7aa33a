package client

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

const (
	every = 10 * time.Millisecond // between two rows
	pause = 50 * time.Millisecond // between two attempts
	most  = 60_000                // rows: ten minutes of them
	long  = 15 * time.Minute      // a run, whatever the caller forgets
)

// Writer inserts one row after the other.
type Writer struct {
	Endpoint
	Table  string
	Ledger Ledger
	conn   *pgx.Conn
	acked  chan struct{}
}

// NewWriter makes the table and a writer to it.
func NewWriter(ctx context.Context, e Endpoint, table string) (*Writer, error) {
	w := &Writer{Endpoint: e, Table: pgx.Identifier{table}.Sanitize(), acked: make(chan struct{}, 1)}
	return w, e.Do(ctx, func(ctx context.Context, conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, "create table if not exists "+w.Table+" (id bigint primary key, at timestamptz not null default clock_timestamp())")
		return err
	})
}

// Run writes until ctx ends, or a bound is reached. The ledger may be read when it has returned.
func (w *Writer) Run(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, long)
	defer cancel()
	defer w.drop()
	tick := time.NewTicker(every)
	defer tick.Stop()
	for id := int64(1); id <= most; id++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if !w.insist(ctx, id) {
			return
		}
	}
}

// insist sends the same row until it is acknowledged; a row that arrived although the answer got lost is not a second one.
func (w *Writer) insist(ctx context.Context, id int64) bool {
	for {
		err := w.send(ctx, id)
		if err == nil {
			w.Ledger.ack(id, time.Now())
			select {
			case w.acked <- struct{}{}:
			default:
			}
			return true
		}
		if ctx.Err() != nil {
			return false
		}
		w.failed(err)
		select {
		case <-ctx.Done():
			return false
		case <-time.After(pause):
		}
	}
}

// failed closes the connection, always: behind it is a host that died, was demoted, or is a standby after all.
func (w *Writer) failed(err error) {
	w.drop()
	w.Ledger.Errors++
	w.Ledger.Last = err
	var server *pgconn.PgError
	if errors.As(err, &server) && server.Code == "25006" {
		w.Ledger.ReadOnly++
	}
}

func (w *Writer) send(ctx context.Context, id int64) (err error) {
	ctx, cancel := context.WithTimeout(ctx, answering)
	defer cancel()
	if w.conn == nil {
		if w.conn, err = w.Connect(ctx); err != nil {
			return err
		}
	}
	w.Ledger.try(id)
	_, err = w.conn.Exec(ctx, "insert into "+w.Table+" (id) values ($1) on conflict do nothing", id)
	return err
}

func (w *Writer) drop() {
	if w.conn != nil {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = w.conn.Close(ctx) // it is being given up
		w.conn = nil
	}
}

// Flows returns when another row is acknowledged.
func (w *Writer) Flows(ctx context.Context) error {
	for range 2 { // the first may have been waiting since before
		select {
		case <-ctx.Done():
			return fmt.Errorf("no row was acknowledged: %w", ctx.Err())
		case <-w.acked:
		}
	}
	return nil
}

// Verify reads the table back and judges.
func (w *Writer) Verify(ctx context.Context) (verdict Verdict, err error) {
	err = w.Do(ctx, func(ctx context.Context, conn *pgx.Conn) error {
		// Not through the index, which knows no duplicates.
		if _, err := conn.Exec(ctx, "set enable_indexscan = off; set enable_indexonlyscan = off; set enable_bitmapscan = off"); err != nil {
			return err
		}
		rows, err := conn.Query(ctx, "select id from "+w.Table)
		if err != nil {
			return err
		}
		ids, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		verdict = w.Ledger.Judge(ids)
		return err
	})
	return verdict, err
}
