package client

import (
	"context"
	"fmt"
	"net"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sys/unix"
)

// Endpoint is where an application connects.
type Endpoint struct {
	Host, User, Password, Database string
	Port                           int
}

const (
	connecting = 2 * time.Second  // to open a connection
	unacked    = 3 * time.Second  // for a peer to acknowledge what was sent, then the connection is dead
	answering  = 10 * time.Second // for one statement, whatever happens to it
)

// Connect opens one connection with what a careful application sets: a connect timeout, keepalives and a user timeout.
func (e Endpoint) Connect(ctx context.Context) (*pgx.Conn, error) {
	config, err := pgx.ParseConfig(fmt.Sprintf("postgres://%s:%d/%s?sslmode=prefer", e.Host, e.Port, e.Database))
	if err != nil {
		return nil, err
	}
	config.User, config.Password = e.User, e.Password
	config.ConnectTimeout = connecting
	config.DialFunc = dialer().DialContext
	return pgx.ConnectConfig(ctx, config)
}

func dialer() *net.Dialer {
	return &net.Dialer{
		Timeout:         connecting,
		KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: time.Second, Interval: time.Second, Count: 3},
		Control: func(_, _ string, raw syscall.RawConn) error {
			var failed error
			err := raw.Control(func(fd uintptr) {
				failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(unacked.Milliseconds()))
			})
			if err != nil {
				return err
			}
			return failed
		},
	}
}

// Do runs one function on a fresh connection: setting up, verifying.
func (e Endpoint) Do(ctx context.Context, do func(context.Context, *pgx.Conn) error) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	conn, err := e.Connect(ctx)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	return do(ctx, conn)
}

// Bool asks a question that is answered by yes or no, such as pg_is_in_recovery().
func (e Endpoint) Bool(ctx context.Context, query string) (answer bool, err error) {
	err = e.Do(ctx, func(ctx context.Context, conn *pgx.Conn) error { return conn.QueryRow(ctx, query).Scan(&answer) })
	return answer, err
}
