//go:build bench

package integration

import (
	"context"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// usage is the most that any one worker took.
type usage struct {
	seen        int
	memory, cpu float64 // MB, seconds
}

// watch looks at every process named pgrun worker, a hundred times a second, until ctx ends.
func watch(ctx context.Context) (u usage) {
	known := map[string]bool{}
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			u.seen = len(known)
			return u
		case <-tick.C:
		}
		folders, _ := filepath.Glob("/proc/[0-9]*") // the pattern is right
		for _, folder := range folders {
			if argv, err := os.ReadFile(folder + "/cmdline"); err != nil || !isWorker(string(argv)) {
				continue
			}
			known[folder] = true
			u.memory = max(u.memory, highWater(folder))
			u.cpu = max(u.cpu, ticks(folder)/100)
		}
	}
}

func isWorker(cmdline string) bool {
	argv := strings.Split(cmdline, "\x00")
	return len(argv) > 1 && strings.HasPrefix(argv[0], "/var/lib/pgrun/bin/") && argv[1] == "worker"
}

func highWater(folder string) float64 {
	status, _ := os.ReadFile(folder + "/status") // ended since: nothing to add
	_, after, _ := strings.Cut(string(status), "VmHWM:")
	fields := strings.Fields(after)
	if len(fields) == 0 {
		return 0
	}
	kb, _ := strconv.ParseFloat(fields[0], 64)
	return kb / 1024
}

// ticks are the hundredths of seconds on a CPU, user and system.
func ticks(folder string) float64 {
	stat, _ := os.ReadFile(folder + "/stat")
	_, after, ok := strings.Cut(string(stat), ") ")
	fields := strings.Fields(after)
	if !ok || len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseFloat(fields[11], 64)
	system, _ := strconv.ParseFloat(fields[12], 64)
	return user + system
}
