package ssh

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"
)

// StartWorker starts this program on the host, as root unless become is off,
// and brings it there first when it is missing. argv are the worker's
// arguments; the hash of the binary is added, and a random token, which the
// worker must print on a line before anything else. The stream begins behind that line.
//
// With the binary in place this costs one command. The context bounds the start
// alone: the worker lives until its input ends.
func (c *Client) StartWorker(ctx context.Context, self Binary, argv []string) (*Stream, error) {
	hashes, err := c.dialer.binaries.hashes(self)
	if err != nil {
		return nil, &Error{Reason: NoBinary, Err: err}
	}
	token := newToken()
	launch := append([]string{"sh", "-c", launchScript(), "pgrun", token, c.user(), strings.Join(c.dialer.roots, " "), hashes}, argv...)
	stream, said, err := c.ask(ctx, c.dialer.limits.start, token, launch...)
	if err != nil || stream != nil {
		return stream, err
	}
	needed, err := c.needed(said)
	if err != nil {
		return nil, err
	}
	return c.bring(ctx, self, needed, argv)
}

// user is who the worker is to be: root or user.
func (c *Client) user() string {
	if c.become {
		return "root"
	}
	return "user"
}

// said is the answer of a command that has ended.
type said struct{ text, stderr string }

// ask runs a command and waits for its answer: that of a worker, whose stream is
// then open, or that of a script, which has ended. When the time is over the
// connection is closed: a host that does not answer a script is of no use, and
// closing a channel would need its consent.
func (c *Client) ask(ctx context.Context, limit time.Duration, token string, argv ...string) (*Stream, said, error) {
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	stream, err := c.run(limited, argv...)
	if err != nil {
		return nil, said{}, err
	}
	stop := context.AfterFunc(limited, func() { c.conn.Close() })
	defer stop()
	text, heard := stream.answer(token)
	if heard == nil && text == "" {
		if stop() {
			return stream, said{}, nil
		}
		heard = &noise{}
	}
	exit := -1
	if heard == nil || errors.Is(heard.err, io.EOF) {
		exit = stream.end()
	}
	stream.Close()
	switch {
	case ctx.Err() != nil:
		return nil, said{}, context.Cause(ctx)
	case limited.Err() != nil:
		return nil, said{}, c.late(limit, heard, stream.Stderr())
	case heard != nil:
		return nil, said{}, c.silent(exit, heard, stream.Stderr())
	}
	return nil, said{text: text, stderr: stream.Stderr()}, nil
}

func (c *Client) late(limit time.Duration, heard *noise, stderr string) error {
	return fail(NoWorker, "sudo may be waiting for DNS or a directory server, the login shell for input, or a disk stands still",
		"%s: the worker did not start within %s; %s", c.target, limit, withStderr(heard, stderr))
}

// silent explains why no answer came.
func (c *Client) silent(exit int, heard *noise, stderr string) error {
	switch {
	case c.become && aboutSudo(stderr):
		return c.noSudo(stderr)
	case heard.err == nil:
		return fail(NoWorker, "a login must not write as much: look at the shell's start files and at ForceCommand",
			"%s: no worker within %d KiB of output; %s", c.target, maxNoise>>10, withStderr(heard, stderr))
	case exit == 126:
		return fail(NoExec, "mount one of these folders with exec",
			"%s: the worker cannot be run (tried below %s): %s", c.target, strings.Join(c.dialer.roots, ", "), stderr)
	case exit >= 0:
		return fail(NoWorker, "", "%s: the worker ended with exit code %d; %s", c.target, exit, withStderr(heard, stderr))
	}
	return fail(NoWorker, "", "%s: the worker did not start: %s; %s", c.target, printable(heard.err.Error()), withStderr(heard, stderr))
}

func withStderr(heard *noise, stderr string) string {
	text := "it wrote nothing"
	if heard != nil {
		text = heard.String()
	}
	if stderr != "" {
		text += "; standard error: " + stderr
	}
	return text
}

// need is what a host without the binary says about itself.
type need struct {
	goos, goarch string
	uid          string
}

var needLine = regexp.MustCompile(`^need (\S+) (\S+) ([0-9]+)$`)

func (c *Client) needed(answer said) (need, error) {
	if answer.text == "sudo" {
		return need{}, c.noSudo(answer.stderr)
	}
	words := needLine.FindStringSubmatch(answer.text)
	if words == nil {
		return need{}, fail(NoWorker, "", "%s: an answer that pgrun does not understand: %.200s", c.target, answer.text)
	}
	goos, goarch, err := platformOf(words[1], words[2])
	if err != nil {
		return need{}, fail(NoBinary, "", "%s: %w", c.target, err)
	}
	return need{goos: goos, goarch: goarch, uid: words[3]}, nil
}

// aboutSudo recognizes sudo's refusals, in any language: they begin with its
// name. Some name no program.
func aboutSudo(stderr string) bool {
	for _, line := range strings.Split(stderr, "\n") {
		if strings.HasPrefix(line, "sudo") || strings.Contains(line, "sudo: not found") ||
			strings.Contains(line, "sudoers") || strings.Contains(line, "is not allowed to execute") {
			return true
		}
	}
	return false
}

func (c *Client) noSudo(stderr string) *Error {
	user := c.target.user
	hint := fmt.Sprintf("pgrun needs root there: log in as root, or give %s a rule such as \"%s ALL=(ALL) NOPASSWD: ALL\" in /etc/sudoers.d", user, user)
	what := "sudo does not work"
	switch {
	case strings.Contains(stderr, "not found"):
		what = "sudo is not installed"
		hint = fmt.Sprintf("log in as root, or install sudo and give %s a rule", user)
	case strings.Contains(stderr, "password is required"), strings.Contains(stderr, "authentication is required"):
		what = "sudo wants a password, and pgrun cannot give one yet"
	case strings.Contains(stderr, "sudoers"), strings.Contains(stderr, "not allowed"):
		what = "sudo refused"
	}
	return fail(NoSudo, hint, "%s: %s: %s", c.target, what, stderr)
}
