package worker

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// LockPath is the lock of a host: one run at a time, or any number of checks.
// The kernel frees it when the worker ends, however it ends.
const LockPath = "/run/pgrun/lock"

// HeldError is the lock held by another run.
type HeldError struct{ Owner string }

func (e *HeldError) Error() string { return "another run holds this host: " + e.Owner }

// takeLock takes the lock, shared for checks. With wait it asks again until
// ctx ends; else a held lock is a HeldError.
func takeLock(ctx context.Context, path, owner string, shared, wait bool) (io.Closer, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, fmt.Errorf("make the lock's folder: %w", err)
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the lock: %w", err)
	}
	for {
		err := flock(f, shared)
		if err == nil {
			break
		}
		if !errors.Is(err, unix.EWOULDBLOCK) {
			_ = f.Close()
			return nil, fmt.Errorf("lock %s: %w", path, err)
		}
		if !wait {
			defer f.Close()
			return nil, &HeldError{Owner: readOwner(f)}
		}
		select {
		case <-ctx.Done():
			defer f.Close()
			return nil, &HeldError{Owner: readOwner(f)}
		case <-time.After(250 * time.Millisecond): // flock has no wait that a context can end
		}
	}
	if shared {
		owner = "a check (" + owner + ")"
	}
	if err := writeOwner(f, owner); err != nil {
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

func flock(f *os.File, shared bool) error {
	how := unix.LOCK_EX
	if shared {
		how = unix.LOCK_SH
	}
	for {
		if err := unix.Flock(int(f.Fd()), how|unix.LOCK_NB); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

func writeOwner(f *os.File, owner string) error {
	if err := f.Truncate(0); err != nil {
		return fmt.Errorf("write the lock's owner: %w", err)
	}
	if _, err := f.WriteAt([]byte(owner+"\n"), 0); err != nil {
		return fmt.Errorf("write the lock's owner: %w", err)
	}
	return nil
}

func readOwner(f *os.File) string {
	text := make([]byte, 512)
	n, _ := f.ReadAt(text, 0)
	if owner := strings.TrimSpace(string(text[:n])); owner != "" {
		return owner
	}
	return "unknown"
}
