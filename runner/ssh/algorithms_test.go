package ssh

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
)

// TestOldServersAreRefused says which algorithm was missing, rather than take
// one that rests on SHA-1.
func TestOldServersAreRefused(t *testing.T) {
	old := ssh.InsecureAlgorithms()
	cases := map[string]struct {
		config ssh.Config
		parts  []string
	}{
		"key exchange": {ssh.Config{KeyExchanges: []string{ssh.InsecureKeyExchangeDH14SHA1}},
			[]string{"no key exchange that pgrun takes", "it offers diffie-hellman-group14-sha1;", "curve25519-sha256", "KexAlgorithms"}},
		"cipher": {ssh.Config{Ciphers: old.Ciphers}, []string{"no cipher that pgrun takes", "aes256-gcm@openssh.com"}},
		"MAC": {ssh.Config{Ciphers: []string{ssh.CipherAES256CTR}, MACs: []string{ssh.HMACSHA1}},
			[]string{"no MAC that pgrun takes", "it offers hmac-sha1;", "hmac-sha2-256"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			s.set(func() { s.config.Config = c.config })
			typed := wantError(t, openError(t, s.dialer(), s.connection()), NoConnection, c.parts...)
			if strings.Contains(typed.Error(), "ssh:") {
				t.Errorf("the library speaks: %v", typed)
			}
		})
	}
}

// TestNoSignatureWithSHA1: an RSA key signs for a server of today, and not for
// one that takes ssh-rsa alone.
func TestNoSignatureWithSHA1(t *testing.T) {
	private, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "rsa")
	if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	s := newServer(t)
	s.config.PublicKeyCallback = func(ssh.ConnMetadata, ssh.PublicKey) (*ssh.Permissions, error) { return nil, nil }
	connection := s.connection()
	connection.PrivateKeyFile = path
	withAgent := connection
	withAgent.PrivateKeyFile = ""
	socket := agentWith(t, path)
	dialers := map[string]func() (*Dialer, Connection){
		"file": func() (*Dialer, Connection) { return s.dialer(), connection },
		"agent": func() (*Dialer, Connection) {
			return s.dialer(func(_ *Options, m *machine, _ *limits) { m.agentSocket = socket }), withAgent
		},
	}
	for name, made := range dialers {
		t.Run(name, func(t *testing.T) {
			s.set(func() { s.config.PublicKeyAuthAlgorithms = []string{ssh.KeyAlgoRSASHA256} })
			d, c := made()
			client, err := d.Open(t.Context(), c, "db1")
			if err != nil {
				t.Fatal(err)
			}
			client.Close()
			s.set(func() { s.config.PublicKeyAuthAlgorithms = []string{ssh.KeyAlgoRSA} })
			d, c = made()
			wantError(t, openError(t, d, c), NoAccess, "rsa-sha2-256")
		})
	}
}
