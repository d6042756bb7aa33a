package ssh

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/pkg/sftp"
)

// upload writes a file of the login user's. It ends when nothing moves for a
// while; a slow line may take its time.
func (c *Client) upload(ctx context.Context, content []byte, path string) error {
	stalled, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := &progress{reader: bytes.NewReader(content), limit: c.dialer.limits.stall}
	watch.timer = time.AfterFunc(watch.limit, func() { cancel(errStalled) })
	defer watch.timer.Stop()
	stop := context.AfterFunc(stalled, func() { c.conn.Close() })
	defer stop()

	err := c.uploadSFTP(watch, path)
	if errors.Is(err, errNoSFTP) {
		err = c.uploadExec(ctx, watch, path)
	}
	switch {
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case errors.Is(context.Cause(stalled), errStalled):
		return fail(BrokenTransport, "the host's disk or the network in between stands still",
			"%s: nothing of the upload of the worker moved for %s", c.target, watch.limit)
	case err == nil:
		return nil
	case strings.Contains(strings.ToLower(err.Error()), "no space"), strings.Contains(err.Error(), "uota"):
		return fail(NoSpace, "free some space there", "%s: upload the worker to %s: %s", c.target, path, printable(err.Error()))
	}
	return fail(NoUpload, "is there space left in that folder?", "%s: upload the worker to %s: %s", c.target, path, printable(err.Error()))
}

var (
	errStalled = errors.New("stalled")
	errNoSFTP  = errors.New("the host has no SFTP")
)

// uploadSFTP keeps a whole window of packets on the way: one at a time would
// cost a round trip for each 32 KiB.
func (c *Client) uploadSFTP(content io.Reader, path string) error {
	client, err := sftp.NewClient(c.conn, sftp.UseConcurrentWrites(true), sftp.MaxConcurrentRequestsPerFile(64))
	if err != nil {
		return fmt.Errorf("%w: %w", errNoSFTP, err)
	}
	defer client.Close()
	file, err := client.Create(path)
	if err != nil {
		return err
	}
	if _, err := file.ReadFromWithConcurrency(content, 0); err != nil {
		file.Close()
		return err
	}
	return file.Close()
}

// uploadExec is for hosts whose sshd has no SFTP. The content is hashed when it
// is installed, as ever.
func (c *Client) uploadExec(ctx context.Context, content io.Reader, path string) error {
	stream, err := c.run(ctx, "sh", "-c", `umask 077; cat >"$1"`, "pgrun", path)
	if err != nil {
		return err
	}
	defer stream.Close()
	if _, err := io.Copy(stream, content); err != nil {
		return fmt.Errorf("%w %s", err, stream.Stderr())
	}
	if err := stream.CloseWrite(); err != nil {
		return err
	}
	if exit := stream.end(); exit != 0 {
		return fmt.Errorf("cat ended with exit code %d: %s", exit, stream.Stderr())
	}
	return nil
}

// progress winds the clock up whenever something of the content is taken.
type progress struct {
	reader *bytes.Reader
	limit  time.Duration
	timer  *time.Timer
}

func (p *progress) Read(b []byte) (int, error) {
	p.timer.Reset(p.limit)
	return p.reader.Read(b)
}
