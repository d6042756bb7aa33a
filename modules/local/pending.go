// Package local is the machine that the process runs on.
package local

import "github.com/pgrun/pgrun/modules"

// Options of a Host.
type Options struct{}

// Host is this machine.
type Host struct{ modules.Host }

// New returns this machine.
func New(Options) *Host { panic("pending") }

// Close ends the connection to systemd.
func (h *Host) Close() error { return nil }
