//go:build bench

package integration

import (
	"compress/gzip"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"
)

// ssh logs in to every host at once, becomes root, and does nothing.
func (c *cluster) ssh(t *testing.T) time.Duration {
	t.Helper()
	begun := time.Now()
	var all errgroup.Group
	for _, h := range c.Hosts {
		all.Go(func() error {
			out, err := exec.CommandContext(t.Context(), "ssh", "-F", "none", "-i", filepath.Join(c.Dir, "key"), "-o", "BatchMode=yes",
				"-o", "UserKnownHostsFile="+filepath.Join(c.Dir, "known_hosts"), "admin@"+h.Address.String(), "sudo", "-n", "true").CombinedOutput()
			if err != nil {
				return fmt.Errorf("%s: %w: %s", h.Name, err, out)
			}
			return nil
		})
	}
	if err := all.Wait(); err != nil {
		t.Fatal(err)
	}
	return time.Since(begun)
}

// worker watches the workers of one run from outside: the hosts are containers, so their processes are seen here.
func worker(t *testing.T, f figures, c *cluster) {
	ctx, stop := context.WithCancel(t.Context())
	watched := make(chan usage)
	go func() { watched <- watch(ctx) }()
	c.site(t).unchanged(t, len(c.Hosts))
	stop()
	u := <-watched
	f.line("worker, memory at most", fmt.Sprintf("%.1f MB (%d seen)", u.memory, u.seen), "60 MB")
	f.line("worker, CPU at most", fmt.Sprintf("%.2f s", u.cpu), "0.3 s")
}

// size is that of the binary, as it is and as it travels.
func size(t *testing.T, f figures) {
	file, err := os.Open(binary(t))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var packed counter
	z := gzip.NewWriter(&packed)
	n, err := io.Copy(z, file)
	if err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	f.line("binary", fmt.Sprintf("%.1f MB", float64(n)/1e6), "25 MB")
	f.line("binary, compressed (gzip)", fmt.Sprintf("%.1f MB", float64(packed)/1e6), "8 MB")
}

type counter int64

func (c *counter) Write(p []byte) (int, error) { *c += counter(len(p)); return len(p), nil }
