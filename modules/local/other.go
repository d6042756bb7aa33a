//go:build !linux

package local

import (
	"context"
	"errors"

	"github.com/pgrun/pgrun/modules"
)

// Options of a Host.
type Options struct{ Root string }

// Host is a machine of Linux only: elsewhere pgrun is a controller, and every
// method says so.
type Host struct{}

var _ modules.Host = (*Host)(nil)

// New returns this machine.
func New(Options) *Host { return &Host{} }

// Close does nothing.
func (h *Host) Close() error { return nil }

func refused() error {
	return errors.New("pgrun configures machines that run Linux; this one can only be a controller")
}

// Lstat is refused.
func (h *Host) Lstat(context.Context, string) (*modules.Stat, error) { return nil, refused() }

// ReadFile is refused.
func (h *Host) ReadFile(context.Context, string, int64) ([]byte, error) { return nil, refused() }

// ReadDir is refused.
func (h *Host) ReadDir(context.Context, string) ([]string, error) { return nil, refused() }

// Query is refused.
func (h *Host) Query(context.Context, modules.Command) (*modules.Result, error) {
	return nil, refused()
}

// Get is refused.
func (h *Host) Get(context.Context, modules.Request) (*modules.Response, error) {
	return nil, refused()
}

// Unit is refused.
func (h *Host) Unit(context.Context, string) (*modules.Unit, error) { return nil, refused() }

// WriteFile is refused.
func (h *Host) WriteFile(context.Context, modules.Content) error { return refused() }

// MakeDir is refused.
func (h *Host) MakeDir(context.Context, string, modules.Attributes) error { return refused() }

// Link is refused.
func (h *Host) Link(context.Context, string, string) error { return refused() }

// SetAttributes is refused.
func (h *Host) SetAttributes(context.Context, string, modules.Attributes) error { return refused() }

// Remove is refused.
func (h *Host) Remove(context.Context, string) error { return refused() }

// Exec is refused.
func (h *Host) Exec(context.Context, modules.Command) (*modules.Result, error) {
	return nil, refused()
}

// Send is refused.
func (h *Host) Send(context.Context, modules.Request) (*modules.Response, error) {
	return nil, refused()
}

// Announce is refused.
func (h *Host) Announce(context.Context, string, string, func() []byte) (func(), error) {
	return nil, refused()
}

// Job is refused.
func (h *Host) Job(context.Context, string, string) error { return refused() }
