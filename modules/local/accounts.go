//go:build linux

package local

import (
	"fmt"
	"os"
	"strconv"
	"sync"
	"time"

	"github.com/pgrun/pgrun/modules"
)

// accounts are the names of this machine. Its files are read again when they
// change, since packages and modules make accounts while pgrun runs.
type accounts struct {
	mu     sync.Mutex
	read   [2]time.Time
	users  []modules.Account
	groups []modules.AccountGroup
}

func (a *accounts) refresh() {
	for i, name := range []string{"/etc/passwd", "/etc/group"} {
		info, err := os.Stat(name)
		if err != nil || info.ModTime().Equal(a.read[i]) {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		a.read[i] = info.ModTime()
		if i == 0 {
			a.users = modules.ParsePasswd(text)
		} else {
			a.groups = modules.ParseGroup(text)
		}
	}
}

func (a *accounts) user(uid uint32) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.refresh()
	for _, u := range a.users {
		if u.UID == int(uid) {
			return u.Name
		}
	}
	return strconv.Itoa(int(uid))
}

func (a *accounts) group(gid uint32) string {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.refresh()
	for _, g := range a.groups {
		if g.GID == int(gid) {
			return g.Name
		}
	}
	return strconv.Itoa(int(gid))
}

// account finds a user by name, and the groups that it is in.
func (a *accounts) account(name string) (user modules.Account, groups []uint32, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.refresh()
	for _, u := range a.users {
		if u.Name != name {
			continue
		}
		for _, g := range a.groups {
			for _, member := range g.Members {
				if member == name && g.GID != u.GID {
					groups = append(groups, uint32(g.GID))
				}
			}
		}
		return u, groups, nil
	}
	return user, nil, fmt.Errorf("there is no user %q", name)
}

// numbers turns owner and group into numbers; -1 is "as is".
func (a *accounts) numbers(attributes modules.Attributes) (uid, gid int, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.refresh()
	uid, gid = -1, -1
	if attributes.Owner != "" {
		if uid, err = a.uid(attributes.Owner); err != nil {
			return 0, 0, err
		}
	}
	if attributes.Group != "" {
		if gid, err = a.gid(attributes.Group); err != nil {
			return 0, 0, err
		}
	}
	return uid, gid, nil
}

func (a *accounts) uid(name string) (int, error) {
	for _, u := range a.users {
		if u.Name == name {
			return u.UID, nil
		}
	}
	if n, err := strconv.ParseUint(name, 10, 31); err == nil {
		return int(n), nil
	}
	return 0, fmt.Errorf("there is no user %q", name)
}

func (a *accounts) gid(name string) (int, error) {
	for _, g := range a.groups {
		if g.Name == name {
			return g.GID, nil
		}
	}
	if n, err := strconv.ParseUint(name, 10, 31); err == nil {
		return int(n), nil
	}
	return 0, fmt.Errorf("there is no group %q", name)
}
