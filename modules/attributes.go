package modules

import (
	"context"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// Bits returns permission bits as Unix writes them: 0o2750 is setgid and
// 0750. It takes set-user-ID, set-group-ID and sticky both as Go's flags and
// as Unix's bits.
func Bits(mode fs.FileMode) uint32 {
	bits := uint32(mode.Perm()) | uint32(mode)&0o7000
	if mode&fs.ModeSetuid != 0 {
		bits |= 0o4000
	}
	if mode&fs.ModeSetgid != 0 {
		bits |= 0o2000
	}
	if mode&fs.ModeSticky != 0 {
		bits |= 0o1000
	}
	return bits
}

// Root are the attributes of what belongs to the system.
func Root(mode fs.FileMode) Attributes { return Attributes{Owner: "root", Group: "root", Mode: mode} }

// drift says in which attributes a path differs from those that are wanted.
func (a Attributes) drift(stat *Stat) []string {
	var list []string
	if !names(a.Owner, stat.Owner, stat.UID) {
		list = append(list, fmt.Sprintf("owner is %s, not %s", stat.Owner, a.Owner))
	}
	if !names(a.Group, stat.Group, stat.GID) {
		list = append(list, fmt.Sprintf("group is %s, not %s", stat.Group, a.Group))
	}
	if have, want := Bits(stat.Mode), Bits(a.Mode); want != 0 && have != want {
		list = append(list, fmt.Sprintf("mode is %04o, not %04o", have, want))
	}
	return list
}

// names says whether what is wanted, a name or a number, is who it is.
func names(wanted, name string, id int) bool {
	return wanted == "" || wanted == name || wanted == strconv.Itoa(id)
}

func attributeChange(path string, a Attributes, drift []string) *Change {
	if len(drift) == 0 {
		return nil
	}
	return &Change{
		Summary: strings.Join(drift, ", "),
		Apply:   func(ctx context.Context, h Host) error { return h.SetAttributes(ctx, path, a) },
	}
}
