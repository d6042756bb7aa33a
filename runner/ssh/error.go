package ssh

import (
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/pgrun/pgrun/runner"
)

// ErrUnreachable is what every [Error] is that kept pgrun from logging in.
var ErrUnreachable = errors.New("unreachable")

// Reason says what went wrong on the way to a worker.
type Reason string

// The reasons that make a host unreachable.
const (
	NoConnection    Reason = "no connection" // address, refused, timeout, cut off before authentication
	NoJump          Reason = "no jump"       // a jump host let nobody through
	UnknownHostKey  Reason = "unknown host key"
	ChangedHostKey  Reason = "changed host key"
	BadKnownHosts   Reason = "bad known_hosts"
	NoAccess        Reason = "no access" // authentication failed
	BadPrivateKey   Reason = "bad private key"
	BrokenTransport Reason = "broken transport" // the connection ended or fell silent
)

// The reasons that make a host fail: the login worked.
const (
	NoSudo       Reason = "no sudo"
	NoBinary     Reason = "no binary" // none for the host's platform
	NoUpload     Reason = "no upload"
	NoSpace      Reason = "no space"
	NoExec       Reason = "noexec"
	NoInstall    Reason = "no install"
	NoWorker     Reason = "no worker" // it did not start
	BadArguments Reason = "bad arguments"
)

// Error is why a host cannot be used, and what the operator can do.
type Error struct {
	Reason Reason
	Err    error
	Hint   string // "" when there is nothing better to say than Err
}

func (e *Error) Error() string { return e.Err.Error() }

func (e *Error) Unwrap() error { return e.Err }

// Is makes errors.Is(err, ErrUnreachable) true for what happens before a login.
func (e *Error) Is(target error) bool {
	return target == ErrUnreachable && e.Kind() == runner.KindUnreachable
}

// Kind is runner.KindUnreachable or runner.KindFailed.
func (e *Error) Kind() string {
	switch e.Reason {
	case NoSudo, NoBinary, NoUpload, NoSpace, NoExec, NoInstall, NoWorker, BadArguments:
		return runner.KindFailed
	}
	return runner.KindUnreachable
}

func fail(reason Reason, hint, format string, args ...any) *Error {
	return &Error{Reason: reason, Hint: hint, Err: fmt.Errorf(format, args...)}
}

// printable makes text that came from a host safe for a terminal.
func printable(text string) string {
	text = strings.ToValidUTF8(text, "?")
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r == '\r':
			return -1
		case !unicode.IsPrint(r):
			return ' '
		}
		return r
	}, text))
}
