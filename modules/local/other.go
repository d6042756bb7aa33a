//go:build !linux

package local

import (
	"errors"

	"github.com/pgrun/pgrun/modules"
)

// Options of a Host.
type Options struct{ Root string }

// Host exists on Linux only; elsewhere pgrun is a controller.
type Host struct{ modules.Host }

// New says that pgrun runs hosts on Linux only.
func New(Options) (*Host, error) {
	return nil, errors.New("only a Linux machine can be configured by pgrun running on it")
}

// Close does nothing.
func (h *Host) Close() error { return nil }
