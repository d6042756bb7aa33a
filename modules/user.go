package modules

import (
	"context"
	"fmt"
	"path"
	"slices"
	"strings"
)

// User is a system user. Groups are those that it shall be in, others are
// left. The home folder is not made: that is a Directory.
type User struct {
	Name   string
	Group  string // primary; "" is a group of its own
	Groups []string
	Home   string // "" is as useradd has it
	Shell  string // "" is as useradd has it
	System bool
}

func (m User) String() string { return "user " + m.Name }

// Check looks in /etc/passwd and /etc/group.
func (m User) Check(ctx context.Context, r Reader) (*Change, error) {
	if err := m.validate(); err != nil {
		return nil, err
	}
	accounts, err := Accounts(ctx, r)
	if err != nil {
		return nil, err
	}
	groups, err := AccountGroups(ctx, r)
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(accounts, func(a Account) bool { return a.Name == m.Name })
	if i < 0 {
		return m.run("absent", m.add(groups)), nil
	}
	reasons, argv := m.mend(accounts[i], groups)
	if len(reasons) == 0 {
		return nil, nil
	}
	return m.run(strings.Join(reasons, ", "), argv), nil
}

func (m User) run(why string, argv []string) *Change {
	return &Change{Summary: why, Apply: func(ctx context.Context, h Host) error {
		_, err := h.Exec(ctx, Command{Argv: append(argv, "--", m.Name)})
		return err
	}}
}

func (m User) validate() error {
	for _, name := range append([]string{m.Name}, m.Groups...) {
		if err := checkAccountName(name); err != nil {
			return err
		}
	}
	if m.Group != "" {
		if err := checkAccountName(m.Group); err != nil {
			return err
		}
	}
	for _, place := range []string{m.Home, m.Shell} {
		if place != "" && (!path.IsAbs(place) || strings.ContainsAny(place, ":\n")) {
			return fmt.Errorf("user %s: %q is no path that /etc/passwd can hold", m.Name, place)
		}
	}
	return nil
}

func (m User) add(groups []AccountGroup) []string {
	argv := []string{"useradd", "--no-create-home"}
	group := m.Group
	if slices.ContainsFunc(groups, func(g AccountGroup) bool { return group == "" && g.Name == m.Name }) {
		group = m.Name // left by an account that is gone
	}
	if m.System {
		argv = append(argv, "--system")
	}
	if group != "" {
		argv = append(argv, "--gid", group)
	} else {
		argv = append(argv, "--user-group")
	}
	if len(m.Groups) > 0 {
		argv = append(argv, "--groups", strings.Join(m.Groups, ","))
	}
	if m.Home != "" {
		argv = append(argv, "--home-dir", m.Home)
	}
	if m.Shell != "" {
		argv = append(argv, "--shell", m.Shell)
	}
	return argv
}

func (m User) mend(have Account, groups []AccountGroup) (reasons, argv []string) {
	argv = []string{"usermod"}
	if missing := m.missing(have, groups); len(missing) > 0 {
		reasons = append(reasons, "not in "+strings.Join(missing, ", "))
		argv = append(argv, "--append", "--groups", strings.Join(missing, ","))
	}
	if m.Group != "" && groupName(groups, have.GID) != m.Group {
		reasons = append(reasons, fmt.Sprintf("group is %s, not %s", groupName(groups, have.GID), m.Group))
		argv = append(argv, "--gid", m.Group)
	}
	if m.Home != "" && have.Home != m.Home {
		reasons = append(reasons, fmt.Sprintf("home is %s, not %s", have.Home, m.Home))
		argv = append(argv, "--home", m.Home)
	}
	if m.Shell != "" && have.Shell != m.Shell {
		reasons = append(reasons, fmt.Sprintf("shell is %s, not %s", have.Shell, m.Shell))
		argv = append(argv, "--shell", m.Shell)
	}
	return reasons, argv
}

func (m User) missing(have Account, groups []AccountGroup) []string {
	var missing []string
	for _, wanted := range m.Groups {
		in := slices.ContainsFunc(groups, func(g AccountGroup) bool {
			return g.Name == wanted && (g.GID == have.GID || slices.Contains(g.Members, m.Name))
		})
		if !in {
			missing = append(missing, wanted)
		}
	}
	return missing
}

func groupName(groups []AccountGroup, gid int) string {
	for _, g := range groups {
		if g.GID == gid {
			return g.Name
		}
	}
	return fmt.Sprint(gid)
}
