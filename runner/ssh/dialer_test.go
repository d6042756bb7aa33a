package ssh

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/agent"

	"github.com/pgrun/pgrun/config"
	"github.com/pgrun/pgrun/runner"
)

func openError(t *testing.T, d *Dialer, c Connection) error {
	t.Helper()
	client, err := d.Open(context.Background(), c, "db1")
	if err == nil {
		client.Close()
		t.Fatal("the connection was opened")
	}
	return err
}

func TestUnknownHostKey(t *testing.T) {
	s := newServer(t)
	file := s.known()
	d := s.dialer(func(o *Options, _ *machine, _ *limits) { o.KnownHostsFiles = []string{file} })
	err := openError(t, d, s.connection())
	typed := wantError(t, err, UnknownHostKey, ssh.FingerprintSHA256(s.hostKey.PublicKey()), "--accept-new-host-keys", "ssh-keyscan -p", file)
	if !errors.Is(err, ErrUnreachable) || typed.Kind() != runner.KindUnreachable {
		t.Errorf("kind %s", typed.Kind())
	}
	if text, _ := os.ReadFile(file); len(text) != 0 {
		t.Errorf("known_hosts was written: %s", text)
	}
}

func TestChangedHostKeyIsRefusedAlsoWithAcceptNew(t *testing.T) {
	s := newServer(t)
	other, _ := newSigner(t)
	file := s.known(other.PublicKey())
	before, _ := os.ReadFile(file)
	d := s.dialer(func(o *Options, _ *machine, _ *limits) { o.KnownHostsFiles, o.AcceptNewHostKeys = []string{file}, true })
	err := openError(t, d, s.connection())
	wantError(t, err, ChangedHostKey, ssh.FingerprintSHA256(s.hostKey.PublicKey()), ssh.FingerprintSHA256(other.PublicKey()), file+":1", "ssh-keygen -R")
	if after, _ := os.ReadFile(file); string(after) != string(before) {
		t.Errorf("known_hosts was changed: %s", after)
	}
	s.set(func() {
		if s.logins != 0 {
			t.Error("logged in all the same")
		}
	})
}

func TestKeyOfAnotherTypeIsAChangedOne(t *testing.T) {
	s := newServer(t)
	rsa := "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC8A6FGHDiWCSREAXCq6yBfNVr0xCVG2CzvktFNRpue+RXrGs/2a6ySEJQb3IYquw7HlJgu6fg3WIWhOmHCjfpG0PrL4CRwbqQ2LaPPXhJErWYejcD8Di00cF3677+G10KMZk9RXbmHtuBFZT98wxg8j+ZsBMqGM1+7yrWUvynswQ=="
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(rsa))
	if err != nil {
		t.Fatal(err)
	}
	d := s.dialer(func(o *Options, _ *machine, _ *limits) { o.KnownHostsFiles = []string{s.known(key)} })
	wantError(t, openError(t, d, s.connection()), ChangedHostKey, "ssh-rsa SHA256:", "ssh-ed25519 SHA256:")
}

func TestNewHostKeysAreRemembered(t *testing.T) {
	s := newServer(t)
	file := filepath.Join(t.TempDir(), "ssh", "known_hosts")
	if err := os.Mkdir(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte("# no end of line"), 0o600); err != nil {
		t.Fatal(err)
	}
	accepting := func(o *Options, _ *machine, _ *limits) { o.KnownHostsFiles, o.AcceptNewHostKeys = []string{file}, true }
	d := s.dialer(accepting)
	var all sync.WaitGroup
	for range 5 {
		all.Go(func() {
			client, err := d.Open(context.Background(), s.connection(), "db1")
			if err != nil {
				t.Error(err)
				return
			}
			client.Close()
		})
	}
	all.Wait()
	text, err := os.ReadFile(file)
	if err != nil || strings.Count(string(text), "\n") != 2 || !strings.HasPrefix(string(text), "# no end of line\n[127.0.0.1]:") {
		t.Errorf("known_hosts: %q, %v", text, err)
	}
	strict := s.dialer(func(o *Options, _ *machine, _ *limits) { o.KnownHostsFiles = []string{file} })
	s.open(strict)
}

func TestKeyThatAnotherRunHasAcceptedCounts(t *testing.T) {
	s, twin := newServer(t), newServer(t)
	file := s.known()
	d := s.dialer(func(o *Options, _ *machine, _ *limits) { o.KnownHostsFiles, o.AcceptNewHostKeys = []string{file}, true })
	connection := twin.connection()
	client, err := d.Open(context.Background(), connection, "db2") // the file is read
	if err != nil {
		t.Fatal(err)
	}
	client.Close()
	other, _ := newSigner(t)
	text, _ := os.ReadFile(s.known(other.PublicKey()))
	f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = f.Write(text)
	f.Close()
	wantError(t, openError(t, d, s.connection()), ChangedHostKey, ssh.FingerprintSHA256(other.PublicKey()))
}

func TestLinesThatDoNotParseArePassedOver(t *testing.T) {
	s := newServer(t)
	file := s.known(s.hostKey.PublicKey())
	good, _ := os.ReadFile(file)
	other, _ := newSigner(t)
	old, _ := os.ReadFile(s.known(other.PublicKey()))
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	withFile := func(o *Options, _ *machine, _ *limits) { o.KnownHostsFiles = []string{file} }
	write("host ssh-unknown AAAA\nnonsense\n" + strings.Repeat("x", 70<<10) + "\n" + string(good))
	s.open(s.dialer(withFile))
	write("nonsense nonsense nonsense\n\n" + string(old))
	wantError(t, openError(t, s.dialer(withFile), s.connection()), ChangedHostKey, file+":3")
	write("@revoked * ssh-ed25519 broken\n" + string(good))
	wantError(t, openError(t, s.dialer(withFile), s.connection()), BadKnownHosts, file+":1", "revocation")
	write("@revoked * " + strings.SplitN(string(good), " ", 2)[1] + string(good))
	wantError(t, openError(t, s.dialer(withFile), s.connection()), ChangedHostKey, "revoked", file+":1")
}

func TestHostCertificates(t *testing.T) {
	s := newServer(t)
	authority, _ := newSigner(t)
	certificate := &ssh.Certificate{Key: s.hostKey.PublicKey(), CertType: ssh.HostCert, ValidPrincipals: []string{"127.0.0.1"}, ValidBefore: ssh.CertTimeInfinity}
	if err := certificate.SignCert(newReader(), authority); err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewCertSigner(certificate, s.hostKey)
	if err != nil {
		t.Fatal(err)
	}
	s.set(func() { s.config.AddHostKey(signer) })
	file := filepath.Join(t.TempDir(), "known_hosts")
	line := "@cert-authority * " + string(ssh.MarshalAuthorizedKey(authority.PublicKey()))
	if err := os.WriteFile(file, []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	s.open(s.dialer(func(o *Options, _ *machine, _ *limits) { o.KnownHostsFiles = []string{file} }))
	s.open(s.dialer()) // who knows the plain key needs no authority
}

func TestLoginRefused(t *testing.T) {
	s := newServer(t)
	connection := s.connection()
	key, signer := keyFile(t, "")
	connection.PrivateKeyFile = key
	typed := wantError(t, openError(t, s.dialer(), connection), NoAccess, key, ssh.FingerprintSHA256(signer.PublicKey()), "admin@127.0.0.1", "the server takes publickey")
	if !errors.Is(typed, ErrUnreachable) {
		t.Error("a host that lets nobody in is unreachable")
	}
	connection.PrivateKeyFile = ""
	wantError(t, openError(t, s.dialer(), connection), NoAccess, "no key was there to offer")
}

func TestPrivateKeys(t *testing.T) {
	s := newServer(t)
	encrypted, _ := keyFile(t, "secret")
	broken := filepath.Join(t.TempDir(), "broken")
	if err := os.WriteFile(broken, []byte("not a key"), 0o600); err != nil {
		t.Fatal(err)
	}
	cases := map[string]struct {
		path   string
		reason Reason
		parts  []string
		input  bool // Validate finds it
	}{
		"missing":    {"/no/such/key", BadPrivateKey, []string{"/no/such/key"}, true},
		"broken":     {broken, BadPrivateKey, []string{broken}, true},
		"folder":     {t.TempDir(), BadPrivateKey, []string{"not a regular file"}, true},
		"passphrase": {encrypted, NoAccess, []string{encrypted + " needs a passphrase", "ssh-add"}, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			connection := s.connection()
			connection.PrivateKeyFile = c.path
			d := s.dialer()
			wantError(t, openError(t, d, connection), c.reason, c.parts...)
			if err := d.Validate(connection, "db1"); (err != nil) != c.input {
				t.Errorf("Validate: %v", err)
			}
		})
	}
}

// agentWith serves an agent that holds the keys of files.
func agentWith(t *testing.T, files ...string) string {
	t.Helper()
	ring := agent.NewKeyring()
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		key, err := ssh.ParseRawPrivateKeyWithPassphrase(text, []byte("secret"))
		if err != nil {
			if key, err = ssh.ParseRawPrivateKey(text); err != nil {
				t.Fatal(err)
			}
		}
		if err := ring.Add(agent.AddedKey{PrivateKey: key}); err != nil {
			t.Fatal(err)
		}
	}
	socket := filepath.Join(t.TempDir(), "agent")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() { _ = agent.ServeAgent(ring, conn) }()
		}
	}()
	return socket
}

func TestAgent(t *testing.T) {
	s := newServer(t)
	var others []string
	for range 7 {
		path, _ := keyFile(t, "")
		others = append(others, path)
	}
	connection := s.connection()
	connection.PrivateKeyFile = ""
	withAgent := func(socket string) *Dialer {
		return s.dialer(func(_ *Options, m *machine, _ *limits) { m.agentSocket = socket })
	}
	client, err := withAgent(agentWith(t, s.login)).Open(context.Background(), connection, "db1")
	if err != nil {
		t.Fatal(err)
	}
	client.Close()

	// A server gives up after six: the named key must come before the agent's.
	crowded := agentWith(t, others...)
	wantError(t, openError(t, withAgent(crowded), connection), NoAccess, "IdentitiesOnly")
	s.open(withAgent(crowded))

	// An encrypted file is a name for the agent's key.
	encrypted, signer := keyFile(t, "secret")
	s.set(func() {
		s.config.PublicKeyCallback = func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
			if string(key.Marshal()) == string(signer.PublicKey().Marshal()) {
				return nil, nil
			}
			return nil, errors.New("no")
		}
	})
	connection.PrivateKeyFile = encrypted
	client, err = withAgent(agentWith(t, append(others, encrypted)...)).Open(context.Background(), connection, "db1")
	if err != nil {
		t.Fatal(err)
	}
	client.Close()
}

func TestPassword(t *testing.T) {
	s := newServer(t)
	s.set(func() { s.config.PublicKeyCallback = nil })
	asked := atomic.Int32{}
	s.set(func() {
		s.config.PasswordCallback = func(_ ssh.ConnMetadata, password []byte) (*ssh.Permissions, error) {
			asked.Add(1)
			if string(password) == "right" {
				return nil, nil
			}
			return nil, errors.New("wrong")
		}
	})
	connection := s.connection()
	connection.PrivateKeyFile = ""
	connection.Password = config.NewSecret("right")
	client, err := s.dialer().Open(context.Background(), connection, "db1")
	if err != nil {
		t.Fatal(err)
	}
	client.Close()
	asked.Store(0)
	connection.Password = config.NewSecret("wrong-value")
	typed := wantError(t, openError(t, s.dialer(), connection), NoAccess, "the password")
	if strings.Contains(typed.Error()+typed.Hint, "wrong-value") || asked.Load() != 1 {
		t.Errorf("asked %d times: %v", asked.Load(), typed)
	}
}

func TestHandshakeThatHangs(t *testing.T) {
	cases := map[string]struct {
		serve func(net.Conn)
		part  string
	}{
		"silent":    {func(net.Conn) {}, "no SSH handshake within"},
		"banner":    {func(c net.Conn) { _, _ = io.WriteString(c, "SSH-2.0-x\r\n") }, "no SSH handshake within"},
		"not SSH":   {func(c net.Conn) { _, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n"); c.Close() }, "ended the connection before the handshake"},
		"cut":       {func(c net.Conn) { c.Close() }, "MaxStartups"},
		"noise":     {func(c net.Conn) { _, _ = io.Copy(c, endless{}) }, "handshake"},
		"garbage":   {func(c net.Conn) { _, _ = io.WriteString(c, "SSH-2.0-x\r\n"); _, _ = io.CopyN(c, newReader(), 1<<20) }, "handshake"},
		"no server": {nil, "refused the connection"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			connections := atomic.Int32{}
			s.set(func() {
				s.wrap = func(raw net.Conn) net.Conn {
					connections.Add(1)
					go c.serve(raw)
					return nil
				}
			})
			if c.serve == nil {
				s.listener.Close()
			}
			d := s.dialer(func(_ *Options, _ *machine, l *limits) { l.handshake = 200 * time.Millisecond })
			err := openError(t, d, s.connection())
			wantError(t, err, NoConnection, c.part)
			if name == "cut" && connections.Load() != 4 {
				t.Errorf("%d tries, want 4", connections.Load())
			}
			if name == "silent" && connections.Load() != 1 {
				t.Errorf("%d tries, want 1", connections.Load())
			}
		})
	}
}

type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = 'x'
	}
	return len(p), nil
}

func TestBusyServerIsDialledAgain(t *testing.T) {
	s := newServer(t)
	connections := atomic.Int32{}
	s.set(func() {
		s.wrap = func(raw net.Conn) net.Conn {
			if connections.Add(1) < 3 {
				raw.Close()
				return nil
			}
			return raw
		}
	})
	s.open(s.dialer())
}

func TestAtMostEightHandshakesWithOneServer(t *testing.T) {
	s := newServer(t)
	now, most := atomic.Int32{}, atomic.Int32{}
	callback := s.config.PublicKeyCallback
	release := make(chan struct{})
	var once sync.Once
	s.set(func() {
		s.wrap = func(raw net.Conn) net.Conn {
			if n := now.Add(1); n > most.Load() {
				most.Store(n)
				if n == 8 {
					once.Do(func() { close(release) })
				}
			}
			return raw
		}
	})
	s.set(func() {
		s.config.PublicKeyCallback = func(m ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
			<-release
			return callback(m, key)
		}
	})
	s.set(func() {
		s.config.AuthLogCallback = func(_ ssh.ConnMetadata, method string, err error) {
			if method == "publickey" && err == nil {
				now.Add(-1)
			}
		}
	})
	d := s.dialer()
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			client, err := d.Open(context.Background(), s.connection(), "db1")
			if err != nil {
				t.Error(err)
				return
			}
			client.Close()
		})
	}
	all.Wait()
	if most.Load() != 8 {
		t.Errorf("%d handshakes at once, want 8", most.Load())
	}
}

func TestOpenIsCancelled(t *testing.T) {
	s := newServer(t)
	ctx, cancel := context.WithCancelCause(context.Background())
	reason := errors.New("the operator pressed ^C")
	s.set(func() {
		s.wrap = func(net.Conn) net.Conn {
			cancel(reason)
			return nil
		}
	})
	if _, err := s.dialer().Open(ctx, s.connection(), "db1"); !errors.Is(err, reason) {
		t.Errorf("got %v", err)
	}
}

// mute is a connection of a server whose answers can be held back.
type mute struct {
	net.Conn
	silent *atomic.Bool
}

func (m mute) Write(p []byte) (int, error) {
	if m.silent.Load() {
		return len(p), nil
	}
	return m.Conn.Write(p)
}

func TestSilentConnectionIsClosed(t *testing.T) {
	s := newServer(t)
	silent := &atomic.Bool{}
	s.set(func() { s.wrap = func(raw net.Conn) net.Conn { return mute{raw, silent} } })
	d := s.dialer(func(_ *Options, _ *machine, l *limits) {
		l.keepalive, l.silence = 10*time.Millisecond, 100*time.Millisecond
	})
	client := s.open(d)
	stream := start(t, client, workerBinary(t, echoWorker))
	silent.Store(true)
	_, err := io.Copy(io.Discard, stream)
	if err == nil {
		err = client.Wait()
	}
	if err == nil {
		t.Error("the stream ended well")
	}
}

func TestJumpHosts(t *testing.T) {
	bastion, inner, s := newServer(t), newServer(t), newServer(t)
	home := t.TempDir()
	var known string
	for _, each := range []*server{bastion, inner, s} {
		text, _ := os.ReadFile(each.known(each.hostKey.PublicKey()))
		known += string(text)
	}
	files := filepath.Join(home, "known")
	if err := os.WriteFile(files, []byte(known), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(home, ".ssh"), 0o700); err != nil {
		t.Fatal(err)
	}
	text := "Host bastion\n HostName 127.0.0.1\n Port " + port(bastion) + "\n User jump\n IdentityFile " + bastion.login +
		"\nHost inner\n HostName 127.0.0.1\n Port " + port(inner) + "\n IdentityFile " + inner.login + "\n"
	if err := os.WriteFile(filepath.Join(home, ".ssh", "config"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	ways := map[string][]string{
		"one":          {"-J", "bastion"},
		"option":       {"-o", "ProxyJump=bastion"},
		"proxycommand": {"-o", "ProxyCommand=ssh -W %h:%p -q bastion"},
		"options":      {"-o", "ProxyCommand=ssh -W %h:%p -q -i " + bastion.login + " -p " + port(bastion) + " -o ConnectTimeout=5 x@127.0.0.1"},
	}
	for name, args := range ways {
		t.Run(name, func(t *testing.T) {
			d := s.dialer(func(o *Options, m *machine, _ *limits) { o.KnownHostsFiles, m.home = []string{files}, home })
			bastion.set(func() { bastion.logins, bastion.forwards = 0, 0 })
			connection := s.connection()
			connection.CommonArgs = args
			var all sync.WaitGroup
			for range 6 {
				all.Go(func() {
					client, err := d.Open(context.Background(), connection, "db1")
					if err != nil {
						t.Error(err)
						return
					}
					client.Close()
				})
			}
			all.Wait()
			bastion.set(func() {
				if bastion.logins != 1 || bastion.forwards != 6 {
					t.Errorf("%d logins and %d forwards", bastion.logins, bastion.forwards)
				}
			})
		})
	}
	t.Run("two hops, and their errors", func(t *testing.T) {
		d := s.dialer(func(o *Options, m *machine, _ *limits) { o.KnownHostsFiles, m.home = []string{files}, home })
		connection := s.connection()
		connection.CommonArgs = []string{"-J", "bastion,inner"}
		client, err := d.Open(context.Background(), connection, "db1")
		if err != nil {
			t.Fatal(err)
		}
		client.Close()
		connection.Port = 1
		wantError(t, openError(t, d, connection), NoJump, "did not connect to 127.0.0.1:1")
		connection.CommonArgs = []string{"-J", "nobody@127.0.0.1:" + port(bastion)}
		wantError(t, openError(t, d, connection), NoAccess, "jump host 127.0.0.1: nobody@127.0.0.1", "the login was refused")
	})
	t.Run("a jump host's key is checked", func(t *testing.T) {
		d := s.dialer(func(_ *Options, m *machine, _ *limits) { m.home = home }) // knows s alone
		connection := s.connection()
		connection.CommonArgs = []string{"-J", "bastion"}
		wantError(t, openError(t, d, connection), UnknownHostKey, "jump host bastion", port(bastion))
	})
	t.Run("a jump host that came back", func(t *testing.T) {
		d := s.dialer(func(o *Options, m *machine, _ *limits) { o.KnownHostsFiles, m.home = []string{files}, home })
		connection := s.connection()
		connection.CommonArgs = []string{"-J", "bastion"}
		client, err := d.Open(context.Background(), connection, "db1")
		if err != nil {
			t.Fatal(err)
		}
		d.jumpHosts.close() // as if it had gone away
		_ = client.Wait()
		d.jumpHosts.mu.Lock()
		d.jumpHosts.closed = false
		d.jumpHosts.mu.Unlock()
		deadline := time.Now().Add(5 * time.Second)
		for {
			client, err = d.Open(context.Background(), connection, "db1")
			if err == nil || time.Now().After(deadline) {
				break
			}
		}
		if err != nil {
			t.Fatal(err)
		}
		client.Close()
	})
}
