package ssh

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/ssh"
)

// login is one handshake: how far it came says what an error means.
type login struct {
	target   *target
	offer    *offer
	keyError atomic.Pointer[error] // what the host key check said
	keySeen  atomic.Bool
}

type outcome struct {
	client *ssh.Client
	err    error
}

// handshake exchanges keys and logs in. The library has no deadline for it, and
// an agent may wait for a finger: so it runs beside, and is left behind with a
// closed connection when the time is over.
func (d *Dialer) handshake(ctx context.Context, raw net.Conn, t *target) (client *ssh.Client, cut bool, err error) {
	limited, cancel := context.WithTimeout(ctx, d.limits.handshake)
	defer cancel()
	stop := context.AfterFunc(limited, func() { raw.Close() })
	defer stop()
	l := &login{target: t}
	done := make(chan outcome, 1)
	go func() { done <- d.login(l, raw) }()
	var result outcome
	select {
	case result = <-done:
	case <-limited.Done():
		go func() {
			if late := <-done; late.client != nil {
				late.client.Close()
			}
		}()
		result.err = limited.Err()
	}
	switch {
	case result.err == nil && stop():
		return result.client, false, nil
	case ctx.Err() != nil:
		return nil, false, context.Cause(ctx)
	case limited.Err() != nil:
		return nil, false, l.late(d.limits.handshake)
	}
	return nil, cutOff(result.err) && !l.keySeen.Load(), l.explain(result.err)
}

func (d *Dialer) login(l *login, raw net.Conn) outcome {
	var err error
	if l.offer, err = d.offer(l.target); err != nil {
		return outcome{err: err}
	}
	keys := d.hostKeysFor(l.target.knownHosts)
	ofKeys, err := keys.algorithms(l.target.keyName)
	if err != nil {
		return outcome{err: err}
	}
	offer := l.offer
	settings := &ssh.ClientConfig{
		Config: algorithms(),
		User:   l.target.user, Auth: offer.methods(l.target), HostKeyAlgorithms: ofKeys,
		HostKeyCallback: func(_ string, remote net.Addr, key ssh.PublicKey) error {
			l.keySeen.Store(true)
			err := keys.check(l.target, remote, key)
			if err != nil {
				l.keyError.Store(&err)
			}
			return err
		},
		AuthCallback: func(c *ssh.ClientAuthContext) (ssh.AuthMethod, error) {
			offer.accepts = c.AllowedMethods
			return nil, nil
		},
		BannerCallback: func(string) error { return nil },
	}
	conn, channels, requests, err := ssh.NewClientConn(raw, l.target.address(), settings)
	if err != nil {
		return outcome{err: err}
	}
	return outcome{client: ssh.NewClient(conn, channels, requests)}
}

// late is a handshake that did not end in time.
func (l *login) late(limit time.Duration) *Error {
	if l.keySeen.Load() {
		return fail(NoConnection, "a slow DNS or PAM on the host, or an agent that waits for a confirmation, can be the cause",
			"%s: the login did not end within %s", l.target, limit)
	}
	return fail(NoConnection, "check that it is an SSH server and not overloaded",
		"%s is connected but sent no SSH handshake within %s", l.target.address(), limit)
}

// explain makes the operator's error of the library's.
func (l *login) explain(err error) error {
	var typed *Error
	var old *ssh.AlgorithmNegotiationError
	if known := l.keyError.Load(); known != nil {
		err = *known
	}
	switch {
	case errors.As(err, &typed):
		return typed
	case errors.As(err, &old):
		return l.oldServer(old)
	case l.keySeen.Load() && l.offer != nil && !cutOff(err):
		return l.offer.refused(l.target, err)
	case l.keySeen.Load():
		return fail(NoAccess, "see the host's journal (journalctl -u ssh)", "%s: the host ended the connection during the login", l.target)
	case cutOff(err):
		return fail(NoConnection,
			"sshd drops connections when too many log in at once (MaxStartups) or after failed logins from this address (PerSourcePenalties)",
			"%s ended the connection before the handshake", l.target.address())
	}
	return fail(NoConnection, "", "handshake with %s: %w", l.target.address(), errors.New(printable(fmt.Sprint(err))))
}
