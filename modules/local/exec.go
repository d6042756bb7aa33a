//go:build linux

package local

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"runtime"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/pgrun/pgrun/modules"
)

const (
	searchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
	// grace is what a command has left to end after it was asked to.
	grace = 5 * time.Second
	// mostOutput ends a command that would fill the memory.
	mostOutput = 64 << 20
)

// Query implements modules.Reader.
func (h *Host) Query(ctx context.Context, c modules.Command) (*modules.Result, error) {
	if err := modules.ReadOnly(c); err != nil {
		return nil, err
	}
	if c.IsScript() {
		c = c.ReadOnlySession()
	}
	return h.Exec(ctx, c)
}

// Exec implements modules.Host. The command has a process group of its own,
// which ends with ctx and, as far as the kernel can see to it, with this
// process. Its output goes to memory files: a daemon that it leaves behind
// neither blocks the wait nor gets a broken pipe.
func (h *Host) Exec(ctx context.Context, c modules.Command) (*modules.Result, error) {
	if err := begin(ctx); err != nil {
		return nil, err
	}
	if len(c.Argv) == 0 || c.Argv[0] == "" {
		return nil, errors.New("no command")
	}
	deadline := c.Deadline
	if deadline == 0 {
		deadline = modules.DefaultDeadline
	}
	bounded, cancel := context.WithTimeout(ctx, deadline)
	defer cancel()
	cmd, err := h.command(c)
	if err != nil {
		return nil, err
	}
	files, err := openStreams(c.Stdin)
	if err != nil {
		return nil, err
	}
	defer files.close()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = files.in, files.out, files.err
	waitErr := run(bounded, cmd, files)
	result, err := files.result()
	if err != nil {
		return nil, err
	}
	return finish(ctx, bounded, c, deadline, result, waitErr)
}

func (h *Host) command(c modules.Command) (*exec.Cmd, error) {
	program, err := find(c.Argv[0])
	if err != nil {
		return nil, err
	}
	cmd := &exec.Cmd{
		Path: program, Args: c.Argv, Dir: c.Dir,
		SysProcAttr: &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL},
	}
	if cmd.Dir == "" {
		cmd.Dir = "/"
	}
	user, home := "root", "/root"
	if c.User != "" {
		account, groups, err := h.names.account(c.User)
		if err != nil {
			return nil, err
		}
		user, home = account.Name, account.Home
		if account.UID != os.Geteuid() {
			cmd.SysProcAttr.Credential = &syscall.Credential{
				Uid: uint32(account.UID), Gid: uint32(account.GID), Groups: groups, // ids of /etc/passwd
			}
		}
	}
	cmd.Env = append([]string{
		"PATH=" + searchPath, "LANG=C.UTF-8", "DEBIAN_FRONTEND=noninteractive",
		"HOME=" + home, "USER=" + user, "LOGNAME=" + user,
	}, c.Env...)
	return cmd, nil
}

// find looks a program up on the fixed path, not on that of the environment.
func find(name string) (string, error) {
	places := []string{name}
	if !strings.Contains(name, "/") {
		places = nil
		for folder := range strings.SplitSeq(searchPath, ":") {
			places = append(places, path.Join(folder, name))
		}
	}
	for _, place := range places {
		info, err := os.Stat(place)
		if err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return place, nil
		}
	}
	return "", fmt.Errorf("%s is not installed: %w", name, fs.ErrNotExist)
}

// run starts the command and waits for its end. The thread is kept for as
// long: the signal that ends the child with its parent is really sent when
// the thread ends that made the child.
func run(ctx context.Context, cmd *exec.Cmd, files *streams) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cmd.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	watched := make(chan error, 1)
	go func() { watched <- watch(ctx, cmd.Process.Pid, files, ended) }()
	err := cmd.Wait()
	close(ended)
	if watchErr := <-watched; watchErr != nil {
		return watchErr
	}
	return err
}

// watch ends the command's process group when ctx ends or when it prints
// without end.
func watch(ctx context.Context, pid int, files *streams, ended <-chan struct{}) error {
	tick := time.NewTicker(100 * time.Millisecond) // memory fills by some hundred MB in it
	defer tick.Stop()
	for {
		select {
		case <-ended:
			return nil
		case <-ctx.Done():
			end(pid, ended)
			return nil
		case <-tick.C:
			if files.size() > mostOutput {
				end(pid, ended)
				return fmt.Errorf("it printed more than %d bytes and was ended", mostOutput)
			}
		}
	}
}

// end asks the group to end, and makes it after a while. A leader that is gone
// may leave others behind, so the second signal is sent in any case.
func end(pid int, ended <-chan struct{}) {
	_ = unix.Kill(-pid, unix.SIGTERM)
	select {
	case <-ended:
	case <-time.After(grace):
	}
	_ = unix.Kill(-pid, unix.SIGKILL)
}

// finish turns the end of a command into a result or an error.
func finish(ctx, bounded context.Context, c modules.Command, deadline time.Duration, result *modules.Result, waitErr error) (*modules.Result, error) {
	words := strings.Join(c.Argv, " ")
	if waitErr == nil {
		return result, nil
	}
	if ctx.Err() != nil {
		return result, fmt.Errorf("%s: %w", words, context.Cause(ctx))
	}
	if bounded.Err() != nil {
		return result, fmt.Errorf("%s did not end within %s%s", words, deadline, lastWords(result))
	}
	var exit *exec.ExitError
	if !errors.As(waitErr, &exit) {
		return result, fmt.Errorf("%s: %w", words, waitErr)
	}
	result.Code = exit.ExitCode()
	if status, ok := exit.Sys().(syscall.WaitStatus); ok && status.Signaled() {
		result.Code = 128 + int(status.Signal())
	}
	return result, &modules.ExitError{Argv: append([]string{}, c.Argv...), Code: result.Code, Stderr: said(result)}
}

func said(result *modules.Result) string {
	text := string(result.Stderr)
	if strings.TrimSpace(text) == "" {
		text = string(result.Stdout)
	}
	return modules.LastLines(text, 20)
}

func lastWords(result *modules.Result) string {
	if text := strings.TrimSpace(said(result)); text != "" {
		return ": " + text
	}
	return ""
}
