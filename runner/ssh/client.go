package ssh

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"

	"golang.org/x/crypto/ssh"
)

// Client is a connection to a host, logged in.
type Client struct {
	conn   *ssh.Client
	dialer *Dialer
	target *target
	become bool
}

// Close ends the connection and what runs over it.
func (c *Client) Close() error { return c.conn.Close() }

// Wait blocks until the connection has ended.
func (c *Client) Wait() error { return c.conn.Wait() }

// run starts a command on a channel of its own. The context bounds this call
// alone: when it ends before the command has begun, the connection is closed,
// since the library has no other way out.
func (c *Client) run(ctx context.Context, argv ...string) (*Stream, error) {
	line, err := commandLine(argv...)
	if err != nil {
		return nil, &Error{Reason: BadArguments, Err: err}
	}
	stop := context.AfterFunc(ctx, func() { c.conn.Close() })
	session, err := c.conn.NewSession()
	if err != nil {
		stop()
		return nil, c.broken(ctx, "open a session", err)
	}
	stream, err := newStream(session)
	if err == nil {
		err = session.Start(line)
	}
	if !stop() || err != nil {
		session.Close()
		return nil, c.broken(ctx, "start a command", err)
	}
	return stream, nil
}

// broken explains an error of the connection itself.
func (c *Client) broken(ctx context.Context, doing string, err error) error {
	if cause := context.Cause(ctx); cause != nil && !errors.Is(cause, context.DeadlineExceeded) {
		return cause
	}
	var refused *ssh.OpenChannelError
	switch {
	case ctx.Err() != nil:
		return fail(BrokenTransport, "the host is overloaded, or the network in between is", "%s: %s: no answer in time", c.target, doing)
	case errors.As(err, &refused):
		return fail(NoWorker, "the host's sshd has no session left for this login (MaxSessions)", "%s: %s: %s", c.target, doing, printable(refused.Message))
	}
	return fail(BrokenTransport, "", "%s: %s: the connection ended: %s", c.target, doing, printable(fmt.Sprint(err)))
}

// newToken is what a line must begin with to be taken for the host's answer.
func newToken() string {
	random := make([]byte, 16)
	_, _ = rand.Read(random) // never fails
	return "pgrun-" + hex.EncodeToString(random)
}
