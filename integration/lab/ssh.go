package lab

import (
	"context"
	"crypto/ed25519"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"golang.org/x/crypto/ssh"
)

// User is whom every host lets in, with sudo and no password.
const User = "admin"

type key struct {
	signer     ssh.Signer
	authorized []byte
}

func newKey(path string) (*key, error) {
	_, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		return nil, err
	}
	block, err := ssh.MarshalPrivateKey(private, "pgrun lab")
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
		return nil, err
	}
	return readKey(path)
}

func readKey(path string) (*key, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	signer, err := ssh.ParsePrivateKey(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &key{signer: signer, authorized: ssh.MarshalAuthorizedKey(signer.PublicKey())}, nil
}

// handshake logs in and out: an open port says nothing, and bare probes of it are punished by sshd.
func (h *Host) handshake(ctx context.Context, key *key) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", net.JoinHostPort(h.Address.String(), "22"))
	if err != nil {
		return err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.Close() })()
	client, _, _, err := ssh.NewClientConn(conn, h.Address.String(), &ssh.ClientConfig{
		User:            User,
		Auth:            []ssh.AuthMethod{ssh.PublicKeys(key.signer)},
		HostKeyCallback: h.check,
	})
	if err != nil {
		return err
	}
	return client.Close()
}

// check compares with the keys that were read from the host's own disk.
func (h *Host) check(_ string, _ net.Addr, offered ssh.PublicKey) error {
	for _, line := range h.keys {
		if known, _, _, _, err := ssh.ParseAuthorizedKey([]byte(line)); err == nil && string(known.Marshal()) == string(offered.Marshal()) {
			return nil
		}
	}
	return fmt.Errorf("%s offers a host key that is not its own", h.Name)
}

func (h *Host) knownHosts() string {
	var b strings.Builder
	for _, line := range h.keys {
		if fields := strings.Fields(line); len(fields) >= 2 {
			fmt.Fprintf(&b, "%s %s %s\n", h.Address, fields[0], fields[1])
		}
	}
	return b.String()
}
