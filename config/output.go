package config

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// askFor bounds how long a command that fetches a secret may take.
const askFor = 30 * time.Second

// output runs a command in a folder and returns what it prints. It leads a
// process group of its own, which ends with the time that it has.
func output(ctx context.Context, folder string, argv []string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	stdout, stderr := &capped{limit: maxSecret}, &capped{limit: maxSecret}
	cmd := exec.CommandContext(ctx, argv[0], argv[1:]...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = folder, stdout, stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return "", fmt.Errorf("did not end within %s", askFor)
	case ctx.Err() != nil:
		return "", ctx.Err()
	case errors.Is(err, exec.ErrWaitDelay):
		return "", errors.New("left a process behind that may still print: send its output elsewhere (>/dev/null 2>&1)")
	case errors.As(err, &exit):
		return "", fmt.Errorf("%w%s", exit, tail(stderr.String()))
	case err != nil:
		return "", reasonToStart(err)
	case stdout.cut:
		return "", fmt.Errorf("prints more than %d KiB", maxSecret>>10)
	}
	return stdout.String(), nil
}

// reasonToStart takes off the name, which the caller adds.
func reasonToStart(err error) error {
	var start *exec.Error
	if errors.As(err, &start) {
		return start.Err
	}
	return reason(err)
}

// tail returns the last lines that a command complained with.
func tail(stderr string) string {
	const most = 5
	lines := strings.Split(strings.TrimSpace(stderr), "\n")
	if stderr == "" || len(lines) == 0 {
		return ""
	}
	if len(lines) > most {
		lines = lines[len(lines)-most:]
	}
	return ": " + strings.Join(lines, "\n")
}

// capped keeps the first limit bytes that are written to it.
type capped struct {
	kept  bytes.Buffer
	limit int
	cut   bool
}

func (c *capped) Write(text []byte) (int, error) {
	room := min(len(text), c.limit-c.kept.Len())
	c.cut = c.cut || room < len(text)
	c.kept.Write(text[:room])
	return len(text), nil
}

func (c *capped) String() string { return c.kept.String() }
