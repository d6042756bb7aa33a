package ssh

import (
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// boundSilence lets the kernel end a connection whose data is not acknowledged:
// without it a write to a host that has vanished blocks for a quarter of an hour.
func boundSilence(limit time.Duration) func(network, address string, c syscall.RawConn) error {
	return func(_, _ string, c syscall.RawConn) error {
		var set error
		if err := c.Control(func(fd uintptr) {
			set = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(limit.Milliseconds()))
		}); err != nil {
			return err
		}
		return set
	}
}
