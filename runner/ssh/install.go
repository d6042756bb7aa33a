package ssh

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// bring uploads the binary, has it installed, and starts the worker.
func (c *Client) bring(ctx context.Context, self Binary, n need, argv []string) (*Stream, error) {
	path, err := self.For(n.goos, n.goarch)
	if err != nil {
		return nil, &Error{Reason: NoBinary, Err: fmt.Errorf("%s: %w", c.target, err)}
	}
	release, err := c.dialer.forks.take(ctx, "")
	if err != nil {
		return nil, err
	}
	defer release()
	file := c.dialer.binaries.file(path)
	hash, err := file.hash()
	if err != nil {
		return nil, &Error{Reason: NoBinary, Err: err}
	}
	packed, err := file.packed()
	if err != nil {
		return nil, &Error{Reason: NoBinary, Err: err}
	}
	folder, err := c.folder(ctx, len(packed))
	if err != nil {
		return nil, err
	}
	if err := c.upload(ctx, packed, folder+"/pgrun.gz"); err != nil {
		c.discard(ctx, folder)
		return nil, err
	}
	stream, err := c.install(ctx, n, hash, folder, argv)
	if err != nil {
		c.discard(ctx, folder)
	}
	return stream, err
}

var folderLine = regexp.MustCompile(`^folder (/[ -~]*/\.pgrun-upload\.[A-Za-z0-9]+)$`)

// folder makes a folder on the host that only the login user can enter.
func (c *Client) folder(ctx context.Context, size int) (string, error) {
	token := newToken()
	_, answer, err := c.ask(ctx, c.dialer.limits.start, token, "sh", "-c", folderScript(), "pgrun", token, strconv.Itoa(size>>10+64))
	if err != nil {
		return "", err
	}
	if found := folderLine.FindStringSubmatch(answer.text); found != nil {
		return found[1], nil
	}
	return "", c.notPlaced("the upload", answer.text)
}

// install has the upload checked and placed, and the worker started from there:
// one command.
func (c *Client) install(ctx context.Context, n need, hash, folder string, argv []string) (*Stream, error) {
	token := newToken()
	roots := strings.Join(c.dialer.roots, " ")
	if !c.become && n.uid != "0" {
		roots = "home"
	}
	command := append([]string{"sh", "-c", installScript(), "pgrun", token, hash, folder, roots}, argv...)
	if c.become && n.uid != "0" {
		command = append([]string{"sudo", "-n", "--"}, command...)
	}
	stream, answer, err := c.ask(ctx, c.dialer.limits.install, token, command...)
	if err != nil || stream != nil {
		return stream, err
	}
	return nil, c.notPlaced("the worker", answer.text)
}

// notPlaced explains why nothing could be written.
func (c *Client) notPlaced(what, said string) error {
	tried := strings.TrimPrefix(said, "failed ")
	switch {
	case strings.Contains(said, "No space left"), strings.Contains(said, "quota"):
		return fail(NoSpace, "free some space (30 MB are enough) in one of these folders",
			"%s: no space for %s; tried %s", c.target, what, tried)
	case strings.Contains(said, "noexec"):
		return fail(NoExec, "mount one of these folders with exec: the worker is a program and must be run from somewhere",
			"%s: no folder from which %s can be run; tried %s", c.target, what, tried)
	}
	return fail(NoInstall, "", "%s: no folder for %s; tried %s", c.target, what, tried)
}

// discard removes an upload that was not used, as far as possible.
func (c *Client) discard(ctx context.Context, folder string) {
	limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.dialer.limits.start)
	defer cancel()
	stream, err := c.run(limited, "rm", "-rf", "--", folder)
	if err != nil {
		return
	}
	stop := context.AfterFunc(limited, func() { c.conn.Close() })
	defer stop()
	stream.end()
	stream.Close()
}
