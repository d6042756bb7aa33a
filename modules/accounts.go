package modules

import (
	"context"
	"strconv"
	"strings"
)

// Account is a line of /etc/passwd.
type Account struct {
	Name     string
	UID, GID int
	Home     string
	Shell    string
}

// AccountGroup is a line of /etc/group.
type AccountGroup struct {
	Name    string
	GID     int
	Members []string
}

// Accounts reads /etc/passwd; lines that are none are left out.
func Accounts(ctx context.Context, r Reader) ([]Account, error) {
	text, err := r.ReadFile(ctx, "/etc/passwd", MaxFile)
	if err != nil {
		return nil, err
	}
	return ParsePasswd(text), nil
}

// AccountGroups reads /etc/group.
func AccountGroups(ctx context.Context, r Reader) ([]AccountGroup, error) {
	text, err := r.ReadFile(ctx, "/etc/group", MaxFile)
	if err != nil {
		return nil, err
	}
	return ParseGroup(text), nil
}

// ParsePasswd parses the text of /etc/passwd.
func ParsePasswd(text []byte) []Account {
	var list []Account
	for line := range strings.Lines(string(text)) {
		f := strings.Split(strings.TrimSpace(line), ":")
		if len(f) != 7 {
			continue
		}
		uid, uidErr := strconv.Atoi(f[2])
		gid, gidErr := strconv.Atoi(f[3])
		if uidErr != nil || gidErr != nil {
			continue
		}
		list = append(list, Account{Name: f[0], UID: uid, GID: gid, Home: f[5], Shell: f[6]})
	}
	return list
}

// ParseGroup parses the text of /etc/group.
func ParseGroup(text []byte) []AccountGroup {
	var list []AccountGroup
	for line := range strings.Lines(string(text)) {
		f := strings.Split(strings.TrimSpace(line), ":")
		if len(f) != 4 {
			continue
		}
		gid, err := strconv.Atoi(f[2])
		if err != nil {
			continue
		}
		g := AccountGroup{Name: f[0], GID: gid}
		if f[3] != "" {
			g.Members = strings.Split(f[3], ",")
		}
		list = append(list, g)
	}
	return list
}
