package preflight

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/pgrun/pgrun/roles/published"
	"github.com/pgrun/pgrun/runner"
)

// need is a port that one of our units will listen on.
type need struct {
	port int
	unit string
	// own is a process that may have the port while the unit does not run: a
	// PostgreSQL that outlived its Patroni is taken over, not refused.
	own string
}

func needs(v *runner.View) []need {
	var list []need
	if p, ok := published.EtcdOf(v.Host); ok {
		for _, port := range p.Ports() {
			list = append(list, need{port: port, unit: "etcd.service"})
		}
	}
	if p, ok := published.PatroniOf(v.Host); ok {
		list = append(list,
			need{port: p.RESTPort, unit: "patroni.service"},
			need{port: p.PostgresPort, unit: "patroni.service", own: "postgres"})
	}
	if p, ok := published.HAProxyOf(v.Host); ok {
		for _, port := range p.Ports {
			list = append(list, need{port: port, unit: "haproxy.service"})
		}
	}
	return list
}

// ports finds foreign processes on ports that the cluster needs.
func ports(ctx context.Context, o *runner.Observer) (string, error) {
	listening := map[int]string{} // port to inode
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		text, err := o.ReadFile(ctx, table, 16<<20)
		if errors.Is(err, fs.ErrNotExist) { // no IPv6
			continue
		}
		if err != nil {
			return "", err
		}
		parseListening(string(text), listening)
	}
	var wrong []string
	for _, n := range needs(o.View) {
		inode, taken := listening[n.port]
		if !taken {
			continue
		}
		unit, err := o.Unit(ctx, n.unit)
		if err != nil {
			return "", err
		}
		if slices.Contains([]string{"active", "activating", "reloading", "deactivating"}, unit.ActiveState) {
			continue
		}
		owner, err := ownerOf(ctx, o, inode)
		if err != nil {
			return "", err
		}
		if n.own == "" || !strings.HasPrefix(owner, n.own+" ") {
			wrong = append(wrong, fmt.Sprintf("port %d, which %s needs, is taken by %s", n.port, strings.TrimSuffix(n.unit, ".service"), owner))
		}
	}
	return strings.Join(wrong, "; "), nil
}

// parseListening reads the kernel's table of sockets: the local address is
// hexadecimal, state 0A listens.
func parseListening(text string, into map[int]string) {
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) < 10 || fields[3] != "0A" {
			continue
		}
		_, hex, _ := strings.Cut(fields[1], ":")
		if port, err := strconv.ParseInt(hex, 16, 32); err == nil {
			into[int(port)] = fields[9]
		}
	}
}

// ownerOf names the process that has a socket open, as in "nginx (pid 812)".
func ownerOf(ctx context.Context, o *runner.Observer, inode string) (string, error) {
	entries, err := o.ReadDir(ctx, "/proc")
	if err != nil {
		return "", err
	}
	for _, pid := range entries {
		if _, err := strconv.Atoi(pid); err != nil {
			continue
		}
		descriptors, err := o.ReadDir(ctx, "/proc/"+pid+"/fd")
		if err != nil { // the process ended meanwhile
			continue
		}
		for _, fd := range descriptors {
			link, err := o.Lstat(ctx, "/proc/"+pid+"/fd/"+fd)
			if err != nil || link.Target != "socket:["+inode+"]" {
				continue
			}
			name, _ := o.ReadFile(ctx, "/proc/"+pid+"/comm", 0) // it may have ended by now
			return fmt.Sprintf("%s (pid %s)", strings.TrimSpace(string(name)), pid), nil
		}
	}
	return "another process", nil
}
