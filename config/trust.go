package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// Trust says whose files may be followed: an inventory names commands that run
// as the user, and a playbook what is done to the hosts.
type Trust struct {
	users  []int // root, the user, and the one who called sudo
	groups []int // that have no other member: umask 002 with a group for each user
}

// NewTrust trusts root and the user who runs this program.
func NewTrust() Trust {
	t := Trust{users: []int{0, os.Geteuid()}}
	if caller, err := strconv.Atoi(os.Getenv("SUDO_UID")); err == nil && os.Geteuid() == 0 {
		t.users = append(t.users, caller)
	}
	for _, id := range t.users {
		if own, err := user.LookupId(strconv.Itoa(id)); err == nil {
			t.addPrivate(own.Username, own.Gid)
		}
	}
	return t
}

// addPrivate adds the group that has a user's name and nobody else in it.
func (t *Trust) addPrivate(name, gid string) {
	number, err := strconv.Atoi(gid)
	if err != nil || !privateGroup("/etc/group", "/etc/passwd", name, gid) {
		return
	}
	t.groups = append(t.groups, number)
}

// privateGroup reads both files: a group has members by name, and as their first
// group.
func privateGroup(groups, users, name, gid string) bool {
	found := false
	for _, fields := range entries(groups, 4) {
		if fields[2] != gid {
			continue
		}
		if fields[0] != name || fields[3] != "" && fields[3] != name {
			return false
		}
		found = true
	}
	for _, fields := range entries(users, 7) {
		if fields[3] == gid && fields[0] != name {
			return false
		}
	}
	return found
}

// entries are the lines of a file like /etc/passwd.
func entries(path string, fields int) [][]string {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil
	}
	var list [][]string
	for line := range bytes.Lines(text) {
		if parts := strings.Split(strings.TrimSpace(string(line)), ":"); len(parts) == fields {
			list = append(list, parts)
		}
	}
	return list
}

// fault says who else could change a file or put another one in its place, and
// what to do; "" when nobody could, or there is no such file.
func (t Trust) fault(path string) string {
	if text := t.faultOf(path, "it"); text != "" {
		return text
	}
	if text := t.faultOf(filepath.Dir(path), "its folder "+filepath.Dir(path)); text != "" {
		return text
	}
	resolved, err := filepath.EvalSymlinks(path)
	if err != nil || filepath.Clean(path) == resolved {
		return ""
	}
	if info, err := os.Lstat(path); err == nil && info.Mode()&fs.ModeSymlink != 0 && !slices.Contains(t.users, ownerOf(info)) {
		return "it is a link that belongs to " + userName(ownerOf(info)) + ": remove it"
	}
	return t.faultOf(filepath.Dir(resolved), "the folder "+filepath.Dir(resolved))
}

func (t Trust) faultOf(path, what string) string {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	if err != nil {
		return what + " cannot be looked at: " + reason(err).Error()
	}
	mode := info.Mode()
	owned, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return ""
	}
	state := fmt.Sprintf("owner %s, mode %04o", userName(int(owned.Uid)), mode.Perm())
	// In a folder like /tmp, others can neither change nor replace our files.
	sticky := mode.IsDir() && mode&fs.ModeSticky != 0
	switch {
	case !slices.Contains(t.users, int(owned.Uid)):
		return fmt.Sprintf("%s belongs to neither root nor you (%s): chown it", what, state)
	case mode&0o002 != 0 && !sticky:
		return fmt.Sprintf("%s is writable by everybody (%s): chmod o-w %s", what, state, path)
	case mode&0o020 != 0 && !sticky && !slices.Contains(t.groups, int(owned.Gid)):
		return fmt.Sprintf("%s is writable by the group %s (%s): chmod g-w %s", what, groupName(int(owned.Gid)), state, path)
	}
	return ""
}

func ownerOf(info fs.FileInfo) int {
	if owned, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(owned.Uid)
	}
	return -1
}

func userName(id int) string {
	if u, err := user.LookupId(strconv.Itoa(id)); err == nil {
		return u.Username
	}
	return strconv.Itoa(id)
}

func groupName(id int) string {
	if g, err := user.LookupGroupId(strconv.Itoa(id)); err == nil {
		return g.Name
	}
	return strconv.Itoa(id)
}
