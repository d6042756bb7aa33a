package ssh

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/pkg/sftp"
	skeema "github.com/skeema/knownhosts"
	"golang.org/x/crypto/ssh"
)

// server is an sshd in this process. It runs commands for real, with a PATH
// that begins with a folder of the test's own programs.
type server struct {
	t         *testing.T
	listener  net.Listener
	config    *ssh.ServerConfig
	hostKey   ssh.Signer
	login     string // the private key file that it lets in
	bin       string // in front of the PATH
	home      string
	noSFTP    bool
	stuckSFTP bool
	exec      func(line string, c ssh.Channel) uint32 // nil: a shell
	wrap      func(net.Conn) net.Conn

	mu       sync.Mutex
	lines    []string // commands
	logins   int
	forwards int
}

func newSigner(t *testing.T) (ssh.Signer, ed25519.PrivateKey) {
	t.Helper()
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	return signer, private
}

// keyFile writes a private key, encrypted when there is a passphrase.
func keyFile(t *testing.T, passphrase string) (string, ssh.Signer) {
	t.Helper()
	signer, private := newSigner(t)
	var block *pem.Block
	var err error
	if passphrase == "" {
		block, err = ssh.MarshalPrivateKey(private, "")
	} else {
		block, err = ssh.MarshalPrivateKeyWithPassphrase(private, "", []byte(passphrase))
	}
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	return path, signer
}

func newServer(t *testing.T) *server {
	t.Helper()
	s := &server{t: t, bin: t.TempDir(), home: t.TempDir()}
	s.hostKey, _ = newSigner(t)
	var login ssh.Signer
	s.login, login = keyFile(t, "")
	s.config = &ssh.ServerConfig{PublicKeyCallback: func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
		if bytes.Equal(key.Marshal(), login.PublicKey().Marshal()) {
			return nil, nil
		}
		return nil, errors.New("not this one")
	}}
	s.config.AddHostKey(s.hostKey)
	user := os.Getuid()
	if user == 0 {
		user = 1000 // not root: sudo is needed
	}
	s.program("id", "echo "+strconv.Itoa(user))
	s.program("sudo", `shift; [ "$1" = -- ] && shift; exec "$@"`)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s.listener = listener
	t.Cleanup(func() { listener.Close() })
	go s.serve()
	return s
}

// program puts a script in front of the PATH.
func (s *server) program(name, body string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.bin, name), []byte("#!/bin/sh\n"+body+"\n"), 0o755); err != nil {
		s.t.Fatal(err)
	}
}

func (s *server) port() int { return s.listener.Addr().(*net.TCPAddr).Port }

func (s *server) address() string { return "127.0.0.1:" + strconv.Itoa(s.port()) }

func (s *server) connection() Connection {
	return Connection{Address: "127.0.0.1", Port: s.port(), User: "admin", PrivateKeyFile: s.login}
}

// known writes a known_hosts file with this key.
func (s *server) known(keys ...ssh.PublicKey) string {
	s.t.Helper()
	path := filepath.Join(s.t.TempDir(), "known_hosts")
	var text string
	for _, key := range keys {
		text += skeema.Line([]string{skeema.Normalize(s.address())}, key) + "\n"
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return path
}

// dialer makes a Dialer that knows the server and nothing of this machine.
func (s *server) dialer(change ...func(*Options, *machine, *limits)) *Dialer {
	o := Options{KnownHostsFiles: []string{s.known(s.hostKey.PublicKey())}, Log: s.t.Logf}
	m := machine{user: "operator", home: s.t.TempDir()}
	l := defaultLimits()
	l.retry = time.Millisecond
	for _, c := range change {
		c(&o, &m, &l)
	}
	d := newDialer(o, m, l)
	d.roots = nil
	for _, name := range []string{"var", "opt"} {
		parent := s.t.TempDir()
		if err := os.Chmod(parent, 0o755); err != nil { // whatever the umask is
			s.t.Fatal(err)
		}
		d.roots = append(d.roots, filepath.Join(parent, name))
	}
	s.t.Cleanup(func() { d.Close() })
	return d
}

func (s *server) open(d *Dialer) *Client {
	s.t.Helper()
	client, err := d.Open(context.Background(), s.connection(), "db1")
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { client.Close() })
	return client
}

// set changes the server while it runs.
func (s *server) set(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

func (s *server) commands() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]string(nil), s.lines...)
}

func (s *server) serve() {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return
		}
		var wrap func(net.Conn) net.Conn
		var config ssh.ServerConfig
		s.set(func() { wrap, config = s.wrap, *s.config })
		if wrap != nil {
			if conn = wrap(conn); conn == nil {
				continue
			}
		}
		go s.connect(conn, &config)
	}
}

func (s *server) connect(raw net.Conn, config *ssh.ServerConfig) {
	defer raw.Close()
	conn, channels, requests, err := ssh.NewServerConn(raw, config)
	if err != nil {
		return
	}
	defer conn.Close()
	s.set(func() { s.logins++ })
	go ssh.DiscardRequests(requests)
	for c := range channels {
		switch c.ChannelType() {
		case "session":
			go s.session(c)
		case "direct-tcpip":
			go s.forward(c)
		default:
			_ = c.Reject(ssh.UnknownChannelType, "no")
		}
	}
}

func (s *server) forward(c ssh.NewChannel) {
	var to struct {
		Host       string
		Port       uint32
		From       string
		OriginPort uint32
	}
	if err := ssh.Unmarshal(c.ExtraData(), &to); err != nil {
		return
	}
	out, err := net.Dial("tcp", net.JoinHostPort(to.Host, strconv.Itoa(int(to.Port))))
	if err != nil {
		_ = c.Reject(ssh.ConnectionFailed, "Connection refused")
		return
	}
	s.set(func() { s.forwards++ })
	channel, requests, err := c.Accept()
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	go func() {
		_, _ = io.Copy(out, channel)
		out.Close()
	}()
	_, _ = io.Copy(channel, out)
	channel.Close()
}

func (s *server) session(c ssh.NewChannel) {
	channel, requests, err := c.Accept()
	if err != nil {
		return
	}
	defer channel.Close()
	for r := range requests {
		var payload struct{ Text string }
		_ = ssh.Unmarshal(r.Payload, &payload)
		switch {
		case r.Type == "exec":
			_ = r.Reply(true, nil)
			go ssh.DiscardRequests(requests)
			s.command(payload.Text, channel)
			return
		case r.Type == "subsystem" && payload.Text == "sftp" && s.hasSFTP():
			_ = r.Reply(true, nil)
			go ssh.DiscardRequests(requests)
			if s.stuck() {
				_, _ = io.Copy(io.Discard, channel)
				return
			}
			if sftpServer, err := sftp.NewServer(channel); err == nil {
				_ = sftpServer.Serve()
			}
			return
		default:
			_ = r.Reply(false, nil)
		}
	}
}

func (s *server) stuck() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stuckSFTP
}

func (s *server) hasSFTP() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.noSFTP
}

func (s *server) command(line string, channel ssh.Channel) {
	run := s.shell
	s.set(func() {
		s.lines = append(s.lines, line)
		if s.exec != nil {
			run = s.exec
		}
	})
	code := run(line, channel)
	_, _ = channel.SendRequest("exit-status", false, ssh.Marshal(struct{ Code uint32 }{code}))
}

func (s *server) shell(line string, channel ssh.Channel) uint32 {
	command := exec.Command("sh", "-c", line)
	command.Env = []string{"PATH=" + s.bin + ":" + os.Getenv("PATH"), "HOME=" + s.home}
	command.Stdout, command.Stderr = channel, channel.Stderr()
	in, err := command.StdinPipe()
	if err != nil {
		return 255
	}
	if err := command.Start(); err != nil {
		return 255
	}
	go func() {
		_, _ = io.Copy(in, channel)
		in.Close()
	}()
	err = command.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return uint32(exit.ExitCode())
	}
	return 0
}

// program files stand for pgrun's binary: a script that does what a worker does
// at its start, and echoes frames.
type binaryOf map[string]string

func (b binaryOf) For(goos, goarch string) (string, error) {
	if path, ok := b[goos+"/"+goarch]; ok {
		return path, nil
	}
	return "", fmt.Errorf("no binary for %s/%s", goos, goarch)
}

const echoWorker = `#!/bin/sh
for last; do :; done
echo "$last"
echo "hello from $0 $1"
exec cat
`

func workerBinary(t *testing.T, text string) binaryOf {
	t.Helper()
	path := filepath.Join(t.TempDir(), "pgrun")
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		t.Fatal(err)
	}
	return binaryOf{"linux/amd64": path, "linux/arm64": path}
}

func port(s *server) string { return strconv.Itoa(s.port()) }

func newReader() io.Reader { return rand.Reader }
