package lab

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/netip"
	"os"
	"strings"
	"time"

	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"
	"github.com/moby/moby/api/types/network"
	"github.com/testcontainers/testcontainers-go"
	"github.com/testcontainers/testcontainers-go/log"
)

// Host is one machine of a lab.
type Host struct {
	Name    string
	Address netip.Addr
	lab     string
	keys    []string // its public host keys, as known_hosts has them
}

// Container is the name that docker knows the host by.
func (h *Host) Container() string { return "pgrun-" + h.lab + "-" + h.Name }

// boot creates the container, starts it and waits for a login.
func (h *Host) boot(ctx context.Context, image string, key *key) error {
	if err := h.create(ctx, image, key); err != nil {
		return err
	}
	return h.await(ctx, key)
}

func (h *Host) create(ctx context.Context, image string, key *key) error {
	// The reaper is an image from a registry, which a lab must not need; labels do its work.
	log.SetDefault(quiet{})
	if err := os.Setenv("TESTCONTAINERS_RYUK_DISABLED", "true"); err != nil {
		return err
	}
	_, err := testcontainers.GenericContainer(ctx, testcontainers.GenericContainerRequest{
		Started: true,
		Logger:  quiet{},
		ContainerRequest: testcontainers.ContainerRequest{
			Image:    image,
			Name:     h.Container(),
			Networks: []string{networkName(h.lab)},
			Env:      map[string]string{"container": "docker"},
			Tmpfs:    map[string]string{"/run": "exec", "/run/lock": "", "/tmp": "exec"},
			Labels:   map[string]string{label: h.lab, label + ".host": h.Name, label + ".address": h.Address.String()},
			Files: []testcontainers.ContainerFile{
				{Reader: bytes.NewReader(key.authorized), ContainerFilePath: "/home/admin/.ssh/authorized_keys", FileMode: 0o644},
			},
			ConfigModifier:     func(c *container.Config) { c.Hostname, c.StopSignal = h.Name, "SIGRTMIN+3" },
			HostConfigModifier: machine,
			EndpointSettingsModifier: func(settings map[string]*network.EndpointSettings) {
				settings[networkName(h.lab)].IPAMConfig = &network.EndpointIPAMConfig{IPv4Address: h.Address}
			},
		},
	})
	return err
}

// machine gives a container what systemd and a database host need, and no more: privileged asks for capabilities that
// a nested container is refused.
func machine(c *container.HostConfig) {
	c.CgroupnsMode = container.CgroupnsModePrivate
	c.CapAdd = []string{"SYS_ADMIN", "NET_ADMIN", "NET_RAW", "SYS_PTRACE", "SYS_NICE", "IPC_LOCK"}
	c.SecurityOpt = []string{"seccomp=unconfined", "apparmor=unconfined"}
	c.MaskedPaths, c.ReadonlyPaths = []string{}, []string{} // what systempaths=unconfined means: sysctl is writable
	// Packages and data land on the machine's own file system: a container's layers can be a slow one, in user space even.
	for _, path := range []string{"/usr", "/var/lib"} {
		c.Mounts = append(c.Mounts, mount.Mount{Type: mount.TypeVolume, Target: path})
	}
}

// await returns when systemd has settled and a login with the lab's key works. It learns the host's keys on the way.
func (h *Host) await(ctx context.Context, key *key) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	var last error
	for {
		if last = h.ready(ctx, key); last == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("not up: %w", last)
		case <-time.After(300 * time.Millisecond):
		}
	}
}

func (h *Host) ready(ctx context.Context, key *key) error {
	if out, err := h.Exec(ctx, "systemctl", "is-system-running"); err != nil {
		return fmt.Errorf("systemd: %s: %w", strings.TrimSpace(out), err)
	}
	out, err := h.Exec(ctx, "sh", "-c", "cat /etc/ssh/ssh_host_*_key.pub")
	if err != nil {
		return err
	}
	h.keys = strings.Split(strings.TrimSpace(out), "\n")
	return h.handshake(ctx, key)
}

// Exec runs a command as root, past sshd, and returns what it printed on stdout: for what a test asserts.
func (h *Host) Exec(ctx context.Context, argv ...string) (string, error) {
	return docker(ctx, append([]string{"exec", h.Container()}, argv...)...)
}

// Feed is Exec with something on stdin.
func (h *Host) Feed(ctx context.Context, stdin io.Reader, argv ...string) (string, error) {
	return run(ctx, stdin, "docker", append([]string{"exec", "--interactive", h.Container()}, argv...)...)
}

// quiet swallows testcontainers' progress.
type quiet struct{}

func (quiet) Printf(string, ...any) {}
