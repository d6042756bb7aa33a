package modules

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"
)

// aptLocks are taken by apt and dpkg with fcntl, so /proc/locks knows them.
func aptLocks() []string {
	return []string{
		"/var/lib/dpkg/lock-frontend", "/var/lib/dpkg/lock",
		"/var/lib/apt/lists/lock", "/var/cache/apt/archives/lock",
	}
}

// awaitApt waits until no other package manager runs, an apt of an earlier
// run among them.
func awaitApt(ctx context.Context, h Host, patience time.Duration) error {
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	holder := "unknown"
	for {
		now, err := aptHolder(waiting, h)
		switch {
		case waiting.Err() != nil:
		case err != nil:
			return err
		case now == "":
			return nil
		default:
			holder = now
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-waiting.Done():
			return Hint(fmt.Errorf("another package manager still runs after %s: %s", patience, holder),
				"wait for it to end, or look what it waits for: systemctl status %s; ps -p <pid>", aptUnit)
		case <-time.After(time.Second):
		}
	}
}

// aptHolder names the process that holds one of the locks, "" when none does.
func aptHolder(ctx context.Context, r Reader) (string, error) {
	for _, pid := range lockers(ctx, r) {
		lock, err := opensLock(ctx, r, pid)
		if err != nil {
			return "", err
		}
		if lock != "" {
			return fmt.Sprintf("pid %d (%s) holds %s", pid, commandOf(ctx, r, pid), lock), nil
		}
	}
	unit, err := r.Unit(ctx, aptUnit)
	if err != nil {
		return "", err
	}
	if running(unit) {
		return "an earlier run's " + aptUnit, nil
	}
	return "", nil
}

// lockers lists the processes that hold a POSIX lock for writing.
func lockers(ctx context.Context, r Reader) []int {
	text, err := r.ReadFile(ctx, "/proc/locks", MaxFile)
	if err != nil {
		return nil // apt waits for its locks itself then
	}
	var pids []int
	for line := range strings.Lines(string(text)) {
		f := strings.Fields(line) // 1: POSIX ADVISORY WRITE 812 00:2e:1234 0 EOF
		if len(f) < 6 || f[1] != "POSIX" || f[3] != "WRITE" {
			continue
		}
		if pid, err := strconv.Atoi(f[4]); err == nil && pid > 0 && !slices.Contains(pids, pid) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// opensLock names the apt lock that a process has open. A process may end
// while it is looked at.
func opensLock(ctx context.Context, r Reader, pid int) (string, error) {
	folder := fmt.Sprintf("/proc/%d/fd", pid)
	names, err := r.ReadDir(ctx, folder)
	if err != nil {
		return "", ctx.Err()
	}
	for _, name := range names {
		stat, err := r.Lstat(ctx, folder+"/"+name)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return "", err
		}
		if slices.Contains(aptLocks(), stat.Target) {
			return stat.Target, nil
		}
	}
	return "", nil
}

func commandOf(ctx context.Context, r Reader, pid int) string {
	text, err := r.ReadFile(ctx, fmt.Sprintf("/proc/%d/cmdline", pid), 0)
	if err != nil || len(text) == 0 {
		return "ended"
	}
	return strings.TrimSpace(strings.ReplaceAll(string(text), "\x00", " "))
}
