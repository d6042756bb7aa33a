package control

import (
	"context"
	"errors"

	"github.com/pgrun/pgrun/inventory"
	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/ssh"
	"github.com/pgrun/pgrun/runner/worker"
)

// Remote starts workers over SSH.
type Remote struct {
	Dialer *ssh.Dialer
	Self   worker.Self
}

// Validate finds what is wrong with a connection before it is made.
func (r Remote) Validate(c inventory.Connection, host string) error {
	return r.Dialer.Validate(ssh.Connection(c), host)
}

// Open logs in and starts a worker, which is brought there when it is missing.
func (r Remote) Open(ctx context.Context, c inventory.Connection, host string) (Stream, error) {
	r.Dialer.HashAhead(r.Self)
	client, err := r.Dialer.Open(ctx, ssh.Connection(c), host)
	if err != nil {
		return nil, sshFailure(err)
	}
	stream, err := client.StartWorker(ctx, r.Self, []string{worker.Verb})
	if err != nil {
		_ = client.Close()
		return nil, sshFailure(err)
	}
	return &session{Stream: stream, client: client}, nil
}

// session is a worker's stream that owns its connection.
type session struct {
	*ssh.Stream
	client *ssh.Client
}

func (s *session) Tail() string { return s.Stderr() }

// Close ends the connection: closing the channel first could wait for a host
// that takes nothing.
func (s *session) Close() error { return s.client.Close() }

func sshFailure(err error) error {
	var known *ssh.Error
	if errors.As(err, &known) {
		return &runner.FailureError{Kind: known.Kind(), Hint: known.Hint, Err: err}
	}
	return err
}
