package modules

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"strings"
)

// Unmounted says why a folder must not be used yet: it lies below a mount point
// that systemd knows (from /etc/fstab, too) and that is not mounted. What is
// made there would fill the wrong disk, and hide when the right one comes. ""
// is a folder that may be used.
func Unmounted(ctx context.Context, r Reader, folder string) (why string, err error) {
	for place := folder; place != "/"; place = path.Dir(place) {
		waits, err := loaded(ctx, r, place, "mount")
		if err != nil {
			return "", err
		}
		if waits == nil || waits.ActiveState == "active" || seenOnly(waits) {
			continue
		}
		auto, err := loaded(ctx, r, place, "automount")
		if err != nil {
			return "", err
		}
		if auto != nil && auto.ActiveState == "active" {
			continue // it is mounted when it is used
		}
		source := cmp.Or(waits.SourcePath, waits.FragmentPath, "/etc/fstab")
		return fmt.Sprintf("the data folder %s lies on %s, which is not mounted (%s is %s), though %s says so: mount it (`systemctl start %s`), or, where it is not meant for the data, take the mount out of %s and run `systemctl daemon-reload`",
			folder, place, waits.Name, waits.ActiveState, source, waits.Name, source), nil
	}
	return "", nil
}

// seenOnly says whether systemd knows a mount only because it was there once:
// somebody mounted it by hand and took it away.
func seenOnly(unit *Unit) bool {
	return unit.FragmentPath == "" && unit.SourcePath == "/proc/self/mountinfo"
}

// loaded is the unit of a place; nil is one that systemd does not know.
func loaded(ctx context.Context, r Reader, place, kind string) (*Unit, error) {
	unit, err := r.Unit(ctx, mountUnit(place)+"."+kind)
	if err != nil || unit.LoadState != "loaded" {
		return nil, err
	}
	return unit, nil
}

// mountUnit is how systemd names a place (systemd-escape --path).
func mountUnit(place string) string {
	var name strings.Builder
	for i, b := range []byte(strings.Trim(place, "/")) {
		switch {
		case b == '/':
			name.WriteByte('-')
		case b >= 'a' && b <= 'z', b >= 'A' && b <= 'Z', b >= '0' && b <= '9', b == ':', b == '_', b == '.' && i > 0:
			name.WriteByte(b)
		default:
			fmt.Fprintf(&name, `\x%02x`, b)
		}
	}
	return name.String()
}
