package os

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"strings"

	"github.com/pgrun/pgrun/modules"
	"github.com/pgrun/pgrun/runner"
)

const (
	hostsFile  = "/etc/hosts"
	blockBegin = "# begin of pgrun's block"
	blockEnd   = "# end of pgrun's block"
)

// hostsBlock is pgrun's block in /etc/hosts; without peers it is absent.
type hostsBlock struct {
	cluster string
	peers   []runner.Peer
}

func (hostsBlock) String() string { return "names of the cluster in " + hostsFile }

// Check compares the block and leaves all lines around it as they are.
func (b hostsBlock) Check(ctx context.Context, r modules.Reader) (*modules.Change, error) {
	before, err := r.ReadFile(ctx, hostsFile, 0)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	after, err := replaceBlock(string(before), b.lines())
	if err != nil || after == string(before) {
		return nil, err
	}
	return &modules.Change{
		Summary: "the block differs", Before: before, After: []byte(after),
		Apply: func(ctx context.Context, h modules.Host) error {
			return h.WriteFile(ctx, modules.Content{
				Path: hostsFile, Data: []byte(after),
				Attributes: modules.Attributes{Owner: "root", Group: "root", Mode: 0o644},
			})
		},
	}, nil
}

func (b hostsBlock) lines() []string {
	if len(b.peers) == 0 {
		return nil
	}
	lines := []string{blockBegin + ": cluster " + b.cluster}
	for _, p := range b.peers {
		if _, err := netip.ParseAddr(p.Name); err == nil || p.Name == "localhost" {
			continue // no name to look up, or one that must stay where it leads
		}
		lines = append(lines, fmt.Sprintf("%s %s", p.Address, p.Name))
	}
	return append(lines, blockEnd)
}

// replaceBlock puts the lines where the old block is, or at the end.
func replaceBlock(text string, block []string) (string, error) {
	var out []string
	inside, placed := false, false
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, blockBegin):
			if inside || placed {
				return "", fmt.Errorf("%s has the line %q twice: remove one block", hostsFile, blockBegin)
			}
			inside, placed = true, true
			out = append(out, block...)
		case inside && line == blockEnd:
			inside = false
		case !inside:
			out = append(out, line)
		}
	}
	if inside {
		return "", fmt.Errorf("%s has no line %q: the end of the block is not known", hostsFile, blockEnd)
	}
	if !placed {
		out = append(out, block...)
	}
	if len(out) == 0 {
		return "", nil
	}
	return strings.Join(out, "\n") + "\n", nil
}

// isMountPoint says whether something is mounted exactly at a path, as
// container runtimes do with /etc/hosts: it cannot be renamed over.
func isMountPoint(ctx context.Context, r modules.Reader, path string) (bool, error) {
	mounts, err := r.ReadFile(ctx, "/proc/self/mountinfo", 4<<20)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	for line := range strings.Lines(string(mounts)) {
		if fields := strings.Fields(line); len(fields) > 4 && fields[4] == path {
			return true, nil
		}
	}
	return false, nil
}
