package lab

import (
	"context"
	"path/filepath"
	"strings"
)

// Kill ends every process of the host at once: a power failure.
func (h *Host) Kill(ctx context.Context) error { return h.do(ctx, "kill") }

// Start boots a killed host and waits for a login.
func (l *Lab) Start(ctx context.Context, h *Host) error {
	if err := h.do(ctx, "start"); err != nil {
		return err
	}
	key, err := readKey(filepath.Join(l.Dir, "key"))
	if err != nil {
		return err
	}
	return h.await(ctx, key)
}

// Pause freezes every process of the host.
func (h *Host) Pause(ctx context.Context) error { return h.do(ctx, "pause") }

// Unpause lets a frozen host go on, unaware of the time that went by.
func (h *Host) Unpause(ctx context.Context) error { return h.do(ctx, "unpause") }

func (h *Host) do(ctx context.Context, verb string) error {
	_, err := docker(ctx, verb, h.Container())
	return err
}

// Cut pulls the host's cable. Its interface comes back as another one (eth1).
func (h *Host) Cut(ctx context.Context) error {
	_, err := docker(ctx, "network", "disconnect", networkName(h.lab), h.Container())
	return err
}

// Heal plugs it in again, at the same address.
func (h *Host) Heal(ctx context.Context) error {
	_, err := docker(ctx, "network", "connect", "--ip", h.Address.String(), networkName(h.lab), h.Container())
	return err
}

// Iptables changes the host's packet filter from outside, so that nothing need be installed on it.
func (h *Host) Iptables(ctx context.Context, args ...string) error {
	pid, err := docker(ctx, "inspect", "--format", "{{.State.Pid}}", h.Container())
	if err != nil {
		return err
	}
	argv := append([]string{"--target", strings.TrimSpace(pid), "--net", "iptables", "--wait"}, args...)
	_, err = run(ctx, nil, "nsenter", argv...)
	return err
}
