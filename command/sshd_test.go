package command

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/modules/fake"
	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/worker"
	"golang.org/x/crypto/ssh"
)

// hosts are servers of SSH in this process: each with a port of its own, and
// with the real worker on a machine in memory.
type hosts struct {
	t        testing.TB
	registry runner.Registry
	config   *ssh.ServerConfig
	folder   string // of the inventory, the key and known_hosts
}

// newHosts starts n hosts in clusters of five and writes their inventory.
func newHosts(t testing.TB, registry runner.Registry, n int) *hosts {
	h := &hosts{t: t, registry: registry, folder: t.TempDir(), config: &ssh.ServerConfig{
		PublicKeyCallback: func(ssh.ConnMetadata, ssh.PublicKey) (*ssh.Permissions, error) { return nil, nil },
	}}
	h.key(filepath.Join(h.folder, "key"))
	own := h.key(filepath.Join(h.folder, "host_key"))
	h.config.AddHostKey(own)
	public := string(ssh.MarshalAuthorizedKey(own.PublicKey()))
	var known, inventory strings.Builder
	fmt.Fprintf(&inventory, "all:\n  vars:\n    ansible_user: admin\n    ansible_ssh_private_key_file: %[1]s/key\n"+
		"    ansible_ssh_common_args: -F none -o UserKnownHostsFile=%[1]s/known_hosts -o GlobalKnownHostsFile=none\n  hosts:\n", h.folder)
	for i := range n {
		port := h.listen(i)
		fmt.Fprintf(&known, "[127.0.0.1]:%d %s", port, public)
		fmt.Fprintf(&inventory, "    h%d: {ansible_host: 127.0.0.1, address: 10.0.%d.%d, ansible_port: %d, cluster: {name: c%d}}\n",
			i, i/200, 1+i%200, port, i/5)
	}
	h.write("known_hosts", known.String())
	h.write("inventory.yml", inventory.String())
	return h
}

func (h *hosts) write(name, text string) {
	if err := os.WriteFile(filepath.Join(h.folder, name), []byte(text), 0o600); err != nil {
		h.t.Fatal(err)
	}
}

// key writes a new private key.
func (h *hosts) key(path string) ssh.Signer {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		h.t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		h.t.Fatal(err)
	}
	h.write(filepath.Base(path), string(pem.EncodeToMemory(block)))
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		h.t.Fatal(err)
	}
	return signer
}

func (h *hosts) listen(i int) (port int) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { listener.Close() })
	lock := filepath.Join(h.folder, fmt.Sprintf("lock%d", i))
	go func() {
		for {
			raw, err := listener.Accept()
			if err != nil {
				return
			}
			go h.serve(raw, lock)
		}
	}()
	return listener.Addr().(*net.TCPAddr).Port
}

func (h *hosts) serve(raw net.Conn, lock string) {
	defer raw.Close()
	conn, channels, requests, err := ssh.NewServerConn(raw, h.config)
	if err != nil {
		return
	}
	defer conn.Close()
	go ssh.DiscardRequests(requests)
	for c := range channels {
		channel, asked, err := c.Accept()
		if err != nil {
			return
		}
		go h.session(channel, asked, lock)
	}
}

// session answers the line that starts the worker as a host does that has the
// binary already.
func (h *hosts) session(channel ssh.Channel, requests <-chan *ssh.Request, lock string) {
	defer channel.Close()
	r, ok := <-requests
	if !ok || r.Type != "exec" {
		return
	}
	_ = r.Reply(true, nil)
	go ssh.DiscardRequests(requests)
	fmt.Fprintf(channel, "\n%s\n", regexp.MustCompile(`pgrun-[0-9a-f]{32}`).Find(r.Payload))
	w := worker.Worker{Registry: h.registry, Host: fake.New(), LockPath: lock, Facts: func() runner.Facts { return runner.Facts{} }}
	_ = w.Serve(context.Background(), channel, channel)
	_, _ = channel.SendRequest("exit-status", false, make([]byte, 4))
}
