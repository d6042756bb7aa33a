package worker

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// harden keeps the memory of this process, which holds all secrets of the run,
// from core dumps and from other processes of the same user. Programs that it
// starts get their own memory back, but dump no core either.
func harden() error {
	var limit unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_CORE, &limit); err != nil {
		return fmt.Errorf("forbid core dumps: %w", err)
	}
	limit.Cur = 0
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &limit); err != nil {
		return fmt.Errorf("forbid core dumps: %w", err)
	}
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("forbid others to read this process: %w", err)
	}
	return nil
}
