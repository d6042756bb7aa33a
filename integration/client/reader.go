package client

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"
)

// Reader asks the replicas' endpoint, over and over, who answers.
type Reader struct {
	Endpoint
	Ledger           Ledger // an answer counts as acknowledged
	Standby, Primary int    // who answered
	conn             *pgx.Conn
}

// Run reads until ctx ends, or a bound is reached.
func (r *Reader) Run(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, long)
	defer cancel()
	defer r.drop()
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for id := int64(1); id <= most; id++ {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		r.Ledger.try(id)
		switch err := r.ask(ctx); {
		case err == nil:
			r.Ledger.ack(id, time.Now())
		case ctx.Err() == nil:
			r.Ledger.Errors++
			r.Ledger.Last = err
			r.drop()
		}
	}
}

func (r *Reader) ask(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(ctx, answering)
	defer cancel()
	if r.conn == nil {
		if r.conn, err = r.Connect(ctx); err != nil {
			return err
		}
	}
	var standby bool
	if err := r.conn.QueryRow(ctx, "select pg_is_in_recovery()").Scan(&standby); err != nil {
		return err
	}
	if standby {
		r.Standby++
	} else {
		r.Primary++
	}
	return nil
}

func (r *Reader) drop() {
	if r.conn != nil {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = r.conn.Close(ctx) // it is being given up
		r.conn = nil
	}
}
