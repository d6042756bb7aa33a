//go:build linux

package local

import (
	"context"

	"github.com/pgrun/pgrun/modules"
)

// Options of a Host.
type Options struct {
	// Root stands before the path of every file, for tests; "" is /. Commands,
	// accounts, requests and units are the machine's own all the same.
	Root string
}

// Host is this machine. It may be used by several goroutines.
type Host struct {
	root  string
	names accounts
	bus   bus
}

var _ modules.Host = (*Host)(nil)

// New returns this machine.
func New(o Options) *Host {
	if o.Root == "" {
		o.Root = "/"
	}
	return &Host{root: o.Root}
}

// Close ends the connection to systemd.
func (h *Host) Close() error {
	h.bus.close()
	return nil
}

func begin(ctx context.Context) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return nil
}
