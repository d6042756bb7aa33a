package modules

import (
	"context"
	"errors"
)

var errPending = errors.New("not written yet")

func (m Packages) String() string                                      { return "Packages" }
func (m Packages) Check(context.Context, Reader) (*Change, error)      { return nil, errPending }
func (m AptRepository) String() string                                 { return "AptRepository" }
func (m AptRepository) Check(context.Context, Reader) (*Change, error) { return nil, errPending }
func (m Service) String() string                                       { return "Service" }
func (m Service) Check(context.Context, Reader) (*Change, error)       { return nil, errPending }
func (m Restart) String() string                                       { return "Restart" }
func (m Restart) Check(context.Context, Reader) (*Change, error)       { return nil, errPending }
func (m User) String() string                                          { return "User" }
func (m User) Check(context.Context, Reader) (*Change, error)          { return nil, errPending }
func (m Group) String() string                                         { return "Group" }
func (m Group) Check(context.Context, Reader) (*Change, error)         { return nil, errPending }
func (m Sysctl) String() string                                        { return "Sysctl" }
func (m Sysctl) Check(context.Context, Reader) (*Change, error)        { return nil, errPending }

// Command returns the psql call that runs the script; only a command made
// here may be a Query, since it sets the session read-only there.
func (s Script) Command() Command { return Command{} }

// Stale returns the files that changed since the unit started (or, for its
// Reload files, was reloaded); none when it does not run.
func (s Service) Stale(context.Context, Reader) (reload, restart []string, err error) {
	return nil, nil, errPending
}
