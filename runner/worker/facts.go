package worker

import (
	"bufio"
	"bytes"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/pgrun/pgrun/runner"
)

// findFacts looks at the machine once. What cannot be read stays empty: the
// preflight role says so in an operator's words.
func findFacts() runner.Facts {
	facts := runner.Facts{Arch: runtime.GOARCH, CPUs: runtime.NumCPU(), Memory: memory(), Addresses: addresses()}
	release := keyValues(read("/etc/os-release"), "=")
	facts.OS, facts.Version, facts.Codename = release["ID"], release["VERSION_ID"], release["VERSION_CODENAME"]
	facts.Hostname, _ = os.Hostname()
	facts.Container = len(read("/run/systemd/container")) > 0
	var name unix.Utsname
	if unix.Uname(&name) == nil {
		facts.Kernel = unix.ByteSliceToString(name.Release[:])
	}
	return facts
}

// memory is the machine's, or what the container may use where that is less.
func memory() int64 {
	total := int64(0)
	fields := strings.Fields(keyValues(read("/proc/meminfo"), ":")["MemTotal"])
	if len(fields) > 0 {
		kib, _ := strconv.ParseInt(fields[0], 10, 64)
		total = kib * 1024
	}
	for _, path := range []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"} {
		limit, err := strconv.ParseInt(strings.TrimSpace(string(read(path))), 10, 64)
		if err == nil && limit > 0 && limit < total {
			total = limit
		}
	}
	return total
}

func addresses() []netip.Addr {
	var found []netip.Addr
	list, _ := net.InterfaceAddrs()
	for _, a := range list {
		if prefix, err := netip.ParsePrefix(a.String()); err == nil && !prefix.Addr().IsLoopback() {
			found = append(found, prefix.Addr())
		}
	}
	return found
}

func read(path string) []byte {
	text, _ := os.ReadFile(path) // a missing file is an empty one: see findFacts
	return text
}

func keyValues(text []byte, separator string) map[string]string {
	values := map[string]string{}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		if key, value, ok := strings.Cut(lines.Text(), separator); ok {
			values[strings.TrimSpace(key)] = strings.Trim(strings.TrimSpace(value), `"'`)
		}
	}
	return values
}
