package lab

import (
	"context"
	"strings"
)

// Copy puts what a folder holds, or the files named, into a folder of the host, past pgrun and sshd. It goes through tar, since docker cp
// cannot write to a tmpfs.
func (h *Host) Copy(ctx context.Context, from, to string, names ...string) error {
	if len(names) == 0 {
		names = []string{"."}
	}
	archive, err := run(ctx, nil, "tar", append([]string{"--create", "--owner=0", "--group=0", "--directory", from}, names...)...)
	if err != nil {
		return err
	}
	if _, err := h.Exec(ctx, "mkdir", "--parents", to); err != nil {
		return err
	}
	_, err = h.Feed(ctx, strings.NewReader(archive), "tar", "--extract", "--directory", to)
	return err
}
