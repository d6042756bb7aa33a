package ssh

import (
	"cmp"
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"syscall"
	"time"

	"golang.org/x/crypto/ssh"
)

// connect opens a connection, and again when a busy sshd cuts it off before
// it has shown its key (MaxStartups).
func (d *Dialer) connect(ctx context.Context, t *target) (*ssh.Client, error) {
	wait := d.limits.retry
	for try := 1; ; try++ {
		client, cut, err := d.attempt(ctx, t)
		if err == nil || !d.again(t, try, cut, err) {
			return client, err
		}
		timer := time.NewTimer(wait/2 + rand.N(wait))
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return nil, context.Cause(ctx)
		}
		wait = min(2*wait, d.limits.retryMost)
	}
}

// again says whether a failed try is followed by another: after one that was
// cut off, and with ansible_ssh_retries after any that did not get through.
func (d *Dialer) again(t *target, try int, cut bool, err error) bool {
	if cut {
		return try < max(d.limits.retries, t.retries+1)
	}
	var typed *Error
	return errors.As(err, &typed) && typed.Reason == NoConnection && try <= t.retries
}

// attempt makes one try. cut says that the server ended it before its key.
func (d *Dialer) attempt(ctx context.Context, t *target) (client *ssh.Client, cut bool, err error) {
	// The way there comes before the slot: a jump host's own login needs slots too.
	through, server, err := d.through(ctx, t)
	if err != nil {
		return nil, false, err
	}
	release, err := d.perServer.take(ctx, server)
	if err != nil {
		return nil, false, err
	}
	defer release()
	raw, err := d.transport(ctx, t, through)
	if err != nil {
		return nil, errors.Is(err, syscall.ECONNRESET), err
	}
	client, cut, err = d.handshake(ctx, raw, t)
	if err != nil {
		raw.Close()
		return nil, cut, err
	}
	go keepAlive(client, d.limits)
	return client, false, nil
}

// transport connects to the host's port, directly or through a jump host.
func (d *Dialer) transport(ctx context.Context, t *target, through *ssh.Client) (net.Conn, error) {
	limit := cmp.Or(t.connectTimeout, d.limits.dial)
	dialCtx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var raw net.Conn
	var err error
	if through != nil {
		raw, err = through.DialContext(dialCtx, "tcp", t.address())
	} else {
		dialer := net.Dialer{Control: boundSilence(d.limits.silence),
			KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: d.limits.keepalive, Interval: d.limits.keepalive, Count: 3}}
		raw, err = dialer.DialContext(dialCtx, "tcp", t.address())
	}
	if err == nil {
		return raw, nil
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	return nil, unconnected(t, err, limit)
}

// unconnected explains why a port could not be reached.
func unconnected(t *target, err error, limit time.Duration) *Error {
	var dns *net.DNSError
	var refused *ssh.OpenChannelError
	switch {
	case errors.As(err, &refused):
		via := t.via[len(t.via)-1]
		hint := "check from the jump host that the address is right and sshd runs there"
		if refused.Reason == ssh.Prohibited {
			hint = "the jump host's sshd needs AllowTcpForwarding yes (or local) for " + via.user
		}
		return fail(NoJump, hint, "jump host %s did not connect to %s: %s", via, t.address(), printable(refused.Message))
	case errors.As(err, &dns):
		return fail(NoConnection, "set ansible_host to an address, or mend the name",
			"the name %q is not known: %w", t.host, err)
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return fail(NoConnection, "check that the host is up and that no firewall drops the port; -o ConnectTimeout changes the time",
			"%s did not answer within %s", t.address(), limit)
	case errors.Is(err, syscall.ECONNREFUSED):
		return fail(NoConnection, "check that sshd runs there and that ansible_port is right",
			"%s refused the connection", t.address())
	}
	return fail(NoConnection, "", "connect to %s: %w", t.address(), err)
}

// cutOff says that the other side ended the connection.
func cutOff(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}
