package modules

import (
	"context"
	"fmt"
	"regexp"
	"slices"
)

// Group is a system group.
type Group struct {
	Name   string
	System bool
}

func (m Group) String() string { return "group " + m.Name }

// Check looks in /etc/group.
func (m Group) Check(ctx context.Context, r Reader) (*Change, error) {
	if err := checkAccountName(m.Name); err != nil {
		return nil, err
	}
	groups, err := AccountGroups(ctx, r)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(groups, func(g AccountGroup) bool { return g.Name == m.Name }) {
		return nil, nil
	}
	argv := []string{"groupadd"}
	if m.System {
		argv = append(argv, "--system")
	}
	return &Change{Summary: "absent", Apply: func(ctx context.Context, h Host) error {
		_, err := h.Exec(ctx, Command{Argv: append(argv, "--", m.Name)})
		return err
	}}, nil
}

func checkAccountName(name string) error {
	if !regexp.MustCompile(`^[a-z_][a-z0-9_.-]{0,31}$`).MatchString(name) {
		return fmt.Errorf("%q is no name of a user or group", name)
	}
	return nil
}
