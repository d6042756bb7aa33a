package control

import (
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// identify finds out which host of the inventory this machine is: the one
// named, else the only one with an address of this machine, else the one with
// its name.
func identify(f *fleet, as string) (string, error) {
	if as != "" {
		if _, ok := f.byName[as]; !ok {
			return "", fmt.Errorf("--as %s: the inventory has no such host", as)
		}
		return as, nil
	}
	mine := localAddresses()
	var found []string
	for _, m := range f.members {
		if slices.Contains(mine, m.peer.Address) {
			found = append(found, m.host.Name)
		}
	}
	hostname, _ := os.Hostname()
	short, _, _ := strings.Cut(hostname, ".")
	if len(found) == 0 {
		for _, m := range f.members {
			if m.host.Name == hostname || m.host.Name == short {
				found = append(found, m.host.Name)
			}
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return "", fmt.Errorf("no host of the inventory has an address of this machine (%v) or its name %s: say which it is with --as HOST", mine, hostname)
	default:
		return "", fmt.Errorf("this machine could be %s: say which it is with --as HOST", strings.Join(found, " or "))
	}
}

func localAddresses() []netip.Addr {
	var found []netip.Addr
	list, _ := net.InterfaceAddrs()
	for _, a := range list {
		if prefix, err := netip.ParsePrefix(a.String()); err == nil && !prefix.Addr().IsLoopback() && !prefix.Addr().IsLinkLocalUnicast() {
			found = append(found, prefix.Addr())
		}
	}
	return found
}

// owner tells the next run who holds a host.
func owner(playbook string) string {
	name := "unknown"
	if u, err := user.Current(); err == nil {
		name = u.Username
	}
	hostname, _ := os.Hostname()
	return fmt.Sprintf("%s@%s, pgrun %s, process %d, since %s",
		name, hostname, filepath.Base(playbook), os.Getpid(), time.Now().Format(time.DateTime))
}
