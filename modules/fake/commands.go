package fake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"

	"github.com/pgrun/pgrun/modules"
)

// Answer is what a scripted command does. A *modules.ExitError (see Exit) is
// a command that failed; its argv is filled in.
type Answer func(c modules.Command) (stdout string, err error)

type answer struct {
	prefix []string
	give   Answer
}

// Answer scripts the commands whose argv begins with the prefix, for Query and
// Exec. What was scripted last counts first.
func (h *Host) Answer(give Answer, prefix ...string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.answers = append(h.answers, answer{prefix, give})
}

// Say scripts a command that prints a text and succeeds.
func (h *Host) Say(stdout string, prefix ...string) {
	h.Answer(func(modules.Command) (string, error) { return stdout, nil }, prefix...)
}

// Fail scripts a command that exits with a code.
func (h *Host) Fail(code int, stderr string, prefix ...string) {
	h.Answer(func(modules.Command) (string, error) { return "", Exit(code, stderr) }, prefix...)
}

// Exit is the error of a command that exited with a code.
func Exit(code int, stderr string) error { return &modules.ExitError{Code: code, Stderr: stderr} }

func (h *Host) find(argv []string) Answer {
	for _, a := range slices.Backward(h.answers) {
		if len(argv) >= len(a.prefix) && slices.Equal(argv[:len(a.prefix)], a.prefix) {
			return a.give
		}
	}
	return nil
}

// Query implements modules.Reader. The same table as on a real machine says
// what may be asked.
func (h *Host) Query(_ context.Context, c modules.Command) (*modules.Result, error) {
	if err := modules.ReadOnly(c); err != nil {
		return nil, err
	}
	h.mu.Lock()
	give := h.find(c.Argv)
	h.mu.Unlock()
	if give == nil {
		give = h.builtin(c)
	}
	if give == nil {
		return nil, missing(c.Argv)
	}
	return finish(c.Argv, give, c)
}

// Exec implements modules.Host.
func (h *Host) Exec(_ context.Context, c modules.Command) (*modules.Result, error) {
	c.Argv = unwrap(c.Argv)
	if len(c.Argv) == 0 {
		return nil, errors.New("no command")
	}
	h.mu.Lock()
	give := h.find(c.Argv)
	h.tick()
	h.recordCommand(c)
	h.mu.Unlock()
	if give == nil {
		give = h.builtin(c)
	}
	if give == nil {
		return nil, missing(c.Argv)
	}
	return finish(c.Argv, give, c)
}

// unwrap takes away the transient unit that a command is run in.
func unwrap(argv []string) []string {
	if len(argv) > 0 && argv[0] == "systemd-run" {
		if i := slices.Index(argv, "--"); i >= 0 {
			return argv[i+1:]
		}
	}
	return argv
}

func missing(argv []string) error {
	return fmt.Errorf("%s is not installed: %w (the fake host has no answer for: %s)", argv[0], fs.ErrNotExist, words(argv))
}

func finish(argv []string, give Answer, c modules.Command) (*modules.Result, error) {
	c.Stdin = bytes.Clone(c.Stdin)
	stdout, err := give(c)
	result := &modules.Result{Stdout: []byte(stdout)}
	var exit *modules.ExitError
	if errors.As(err, &exit) {
		failed := *exit
		failed.Argv = argv
		result.Code, result.Stderr = exit.Code, []byte(exit.Stderr)
		return result, &failed
	}
	if err != nil {
		return nil, err
	}
	return result, nil
}

// builtin is what the machine does by itself with commands that modules use.
func (h *Host) builtin(c modules.Command) Answer {
	tools := map[string]Answer{
		"apt-get":                         h.aptGet,
		"apt-mark":                        h.aptMark,
		"apt-cache":                       h.aptCache,
		"dpkg":                            h.dpkg,
		"head":                            h.head,
		"groupadd":                        h.groupadd,
		"useradd":                         h.useradd,
		"usermod":                         h.usermod,
		"/usr/lib/systemd/systemd-sysctl": h.sysctl,
	}
	return tools[strings.TrimPrefix(c.Argv[0], "/usr/bin/")]
}

// head knows -c NUMBER FILE.
func (h *Host) head(c modules.Command) (string, error) {
	if len(c.Argv) != 4 || c.Argv[1] != "-c" {
		return "", Exit(1, "head: the fake host does not know this")
	}
	most, err := strconv.Atoi(c.Argv[2])
	if err != nil {
		return "", Exit(1, "head: invalid number of bytes")
	}
	if _, err := h.Lstat(context.Background(), c.Argv[3]); err != nil {
		return "", Exit(1, "head: "+err.Error())
	}
	text := h.Content(c.Argv[3])
	return text[:min(most, len(text))], nil
}
