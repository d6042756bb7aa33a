//go:build !linux

package ssh

import (
	"syscall"
	"time"
)

// boundSilence has no counterpart here: the keepalive closes the connection.
func boundSilence(time.Duration) func(network, address string, c syscall.RawConn) error { return nil }
