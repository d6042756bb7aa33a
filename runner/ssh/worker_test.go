package ssh

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/pgrun/pgrun/runner"
)

// talk sends a line to an echoing worker, and ends it.
func talk(t *testing.T, stream *Stream) (hello string) {
	t.Helper()
	lines := bufio.NewScanner(stream)
	lines.Scan()
	hello = lines.Text()
	if _, err := io.WriteString(stream, "ping\n"); err != nil {
		t.Fatal(err)
	}
	if !lines.Scan() || lines.Text() != "ping" {
		t.Fatalf("the worker answered %q, %v", lines.Text(), lines.Err())
	}
	if err := stream.CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if lines.Scan() {
		t.Fatalf("the worker still says %q", lines.Text())
	}
	if err := stream.Wait(); err != nil {
		t.Fatal(err)
	}
	return hello
}

func start(t *testing.T, c *Client, b Binary, argv ...string) *Stream {
	t.Helper()
	stream, err := c.StartWorker(context.Background(), b, append([]string{"worker"}, argv...))
	if err != nil {
		t.Fatalf("%v", err)
	}
	t.Cleanup(func() { stream.Close() })
	return stream
}

func TestWorkerIsBroughtOnceAndThenCached(t *testing.T) {
	s := newServer(t)
	d := s.dialer()
	binary := workerBinary(t, echoWorker+strings.Repeat("# padding\n", 200_000))
	client := s.open(d)

	hello := talk(t, start(t, client, binary))
	hash, err := d.binaries.hashes(binaryOf{"linux/amd64": binary["linux/amd64"]})
	if err != nil {
		t.Fatal(err)
	}
	placed := filepath.Join(d.roots[0], "bin", hash, "pgrun")
	if want := "hello from " + placed + " worker"; hello != want {
		t.Errorf("first start: %q, want %q", hello, want)
	}
	info, err := os.Stat(placed)
	if err != nil || info.Mode().Perm() != 0o755 {
		t.Errorf("the binary: %v, %v", info, err)
	}
	before := len(s.commands())
	if again := talk(t, start(t, client, binary)); again != hello {
		t.Errorf("second start: %q", again)
	}
	if n := len(s.commands()) - before; n != 1 {
		t.Errorf("a cached worker took %d commands, want 1", n)
	}
	nothingLeft(t, s.home, filepath.Dir(placed))
}

// nothingLeft checks that uploads and unfinished files are gone.
func nothingLeft(t *testing.T, folders ...string) {
	t.Helper()
	for _, folder := range folders {
		entries, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			if strings.HasPrefix(e.Name(), ".pgrun-upload") || strings.HasPrefix(e.Name(), ".new") {
				t.Errorf("left over: %s/%s", folder, e.Name())
			}
		}
	}
}

func TestHostileArgumentsArriveAsTheyAre(t *testing.T) {
	s := newServer(t)
	binary := workerBinary(t, "#!/bin/sh\nfor last; do :; done\necho \"$last\"\nprintf '%s\\0' \"$@\"\n")
	argv := []string{"$(touch /tmp/pwned)", "it's", "a\nb", `back\slash`, "-n", "`id`", "!x", "*", ""}
	stream := start(t, s.open(s.dialer()), binary, argv...)
	text, err := io.ReadAll(stream)
	if err != nil {
		t.Fatal(err)
	}
	got := strings.Split(string(text), "\x00")
	if want := strings.Join(argv, "|"); strings.Join(got[1:len(got)-3], "|") != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestNoiseOfALogin(t *testing.T) {
	s := newServer(t)
	d, binary := s.dialer(), workerBinary(t, echoWorker)
	client := s.open(d)
	talk(t, start(t, client, binary))
	noise := strings.Repeat("Welcome to this system! ", 1000) // no end of line
	s.set(func() {
		s.exec = func(line string, c ssh.Channel) uint32 {
			_, _ = io.WriteString(c, noise)
			return s.shell(line, c)
		}
	})
	talk(t, start(t, client, binary))

	noise = strings.Repeat("x", 70<<10)
	_, err := client.StartWorker(context.Background(), binary, []string{"worker"})
	wantError(t, err, NoWorker, "no worker within 64 KiB", "xxxx")
}

// wantError checks an error's reason and what its text and hint say.
func wantError(t *testing.T, err error, reason Reason, parts ...string) *Error {
	t.Helper()
	var typed *Error
	if !errors.As(err, &typed) {
		t.Fatalf("got %v, want an Error", err)
	}
	if typed.Reason != reason {
		t.Errorf("reason %q, want %q: %v", typed.Reason, reason, err)
	}
	for _, part := range parts {
		if !strings.Contains(typed.Error()+"\n"+typed.Hint, part) {
			t.Errorf("%q is missing in %q (hint %q)", part, typed.Error(), typed.Hint)
		}
	}
	return typed
}

func TestSudoRefused(t *testing.T) {
	cases := map[string]struct{ script, part, hint string }{
		"password":       {`echo "sudo: a password is required" >&2; exit 1`, "wants a password", "NOPASSWD"},
		"rust":           {`echo "sudo: interactive authentication is required" >&2; exit 1`, "wants a password", "NOPASSWD"},
		"not in sudoers": {`echo "admin is not in the sudoers file." >&2; exit 1`, "sudo refused", "admin ALL=(ALL)"},
		"other language": {`echo "sudo: il est nécessaire de saisir un mot de passe" >&2; exit 1`, "mot de passe", "NOPASSWD"},
		"no such":        {`echo "sh: 1: exec: sudo: not found" >&2; exit 127`, "not installed", "install sudo"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			d, binary := s.dialer(), workerBinary(t, echoWorker)
			client := s.open(d)
			s.program("sudo", c.script)
			_, err := client.StartWorker(context.Background(), binary, []string{"worker"})
			typed := wantError(t, err, NoSudo, c.part, c.hint)
			if typed.Kind() != runner.KindFailed || errors.Is(err, ErrUnreachable) {
				t.Errorf("kind %s: the host was reached", typed.Kind())
			}
			if n := len(s.commands()); n != 1 {
				t.Errorf("%d commands: nothing must be uploaded", n)
			}
			// The same with the binary in place.
			s.program("sudo", `shift 2; exec "$@"`)
			talk(t, start(t, client, binary))
			s.program("sudo", c.script)
			_, err = client.StartWorker(context.Background(), binary, []string{"worker"})
			wantError(t, err, NoSudo, c.part, c.hint)
		})
	}
}

func TestWithoutBecome(t *testing.T) {
	s := newServer(t)
	s.program("sudo", `echo "sudo: a password is required" >&2; exit 1`)
	d, binary := s.dialer(), workerBinary(t, echoWorker)
	no := false
	connection := s.connection()
	connection.Become = &no
	client, err := d.Open(context.Background(), connection, "db1")
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	for range 2 {
		if hello := talk(t, start(t, client, binary)); !strings.Contains(hello, s.home+"/.cache/pgrun/bin/") {
			t.Errorf("runs from %q", hello)
		}
	}
}

func TestRootNeedsNoSudo(t *testing.T) {
	s := newServer(t)
	s.program("id", "echo 0")
	s.program("sudo", "exit 1")
	talk(t, start(t, s.open(s.dialer()), workerBinary(t, echoWorker)))
}

func TestPlatforms(t *testing.T) {
	s := newServer(t)
	d, binary := s.dialer(), workerBinary(t, echoWorker)
	s.program("uname", "echo Linux riscv64")
	client := s.open(d)
	_, err := client.StartWorker(context.Background(), binary, []string{"worker"})
	wantError(t, err, NoBinary, "riscv64", "x86_64")
	s.program("uname", "echo Linux aarch64")
	delete(binary, "linux/arm64")
	_, err = client.StartWorker(context.Background(), binary, []string{"worker"})
	wantError(t, err, NoBinary, "no binary for linux/arm64")
	s.program("uname", "echo Linux x86_64")
	talk(t, start(t, client, binary))
}

func TestUploadWithoutSFTP(t *testing.T) {
	s := newServer(t)
	s.set(func() { s.noSFTP = true })
	talk(t, start(t, s.open(s.dialer()), workerBinary(t, echoWorker)))
	nothingLeft(t, s.home)
}

func TestUploadThatStandsStill(t *testing.T) {
	s := newServer(t)
	s.set(func() { s.stuckSFTP = true })
	d := s.dialer(func(_ *Options, _ *machine, l *limits) { l.stall = 200 * time.Millisecond })
	_, err := s.open(d).StartWorker(context.Background(), workerBinary(t, echoWorker), []string{"worker"})
	wantError(t, err, BrokenTransport, "nothing of the upload of the worker moved for 200ms")
}

func TestDamagedUploadIsRefused(t *testing.T) {
	s := newServer(t)
	d, binary := s.dialer(), workerBinary(t, echoWorker)
	s.program("gzip", `echo "something else"`)
	_, err := s.open(d).StartWorker(context.Background(), binary, []string{"worker"})
	wantError(t, err, NoInstall, "FAILED", d.roots[0], d.roots[1])
	nothingLeft(t, s.home)
}

func TestNextFolderIsTried(t *testing.T) {
	s := newServer(t)
	d, binary := s.dialer(), workerBinary(t, echoWorker)
	if err := os.WriteFile(d.roots[0], nil, 0o600); err != nil { // a file where a folder should be
		t.Fatal(err)
	}
	if hello := talk(t, start(t, s.open(d), binary)); !strings.Contains(hello, d.roots[1]) {
		t.Errorf("runs from %q", hello)
	}
}

func TestUploadsThatWereCutOffAreRemoved(t *testing.T) {
	s := newServer(t)
	left, fresh := filepath.Join(s.home, ".pgrun-upload.cut"), filepath.Join(s.home, ".pgrun-upload.other-run")
	for _, folder := range []string{left, fresh} {
		if err := os.MkdirAll(filepath.Join(folder, "below"), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	before := time.Now().Add(-2 * time.Hour)
	if err := os.Chtimes(left, before, before); err != nil {
		t.Fatal(err)
	}
	talk(t, start(t, s.open(s.dialer()), workerBinary(t, echoWorker)))
	if _, err := os.Stat(left); err == nil {
		t.Error("an upload that was cut off is still there")
	}
	if _, err := os.Stat(fresh); err != nil {
		t.Errorf("another run's upload: %v", err)
	}
}

func TestNoSpaceForTheUpload(t *testing.T) {
	s := newServer(t)
	s.program("df", `echo head; echo "dev 100 100 1 100% /"`)
	_, err := s.open(s.dialer()).StartWorker(context.Background(), workerBinary(t, echoWorker), []string{"worker"})
	wantError(t, err, NoSpace, "No space left", s.home, "/var/tmp")
	nothingLeft(t, s.home)
}

func TestLastThreeBinariesStay(t *testing.T) {
	s := newServer(t)
	d, client := s.dialer(), (*Client)(nil)
	client = s.open(d)
	bin := filepath.Join(d.roots[0], "bin")
	for i := range 5 {
		binary := workerBinary(t, echoWorker+strings.Repeat("#\n", i))
		talk(t, start(t, client, binary))
		hash, err := d.binaries.hashes(binaryOf{"linux/amd64": binary["linux/amd64"]})
		if err != nil {
			t.Fatal(err)
		}
		age := time.Now().Add(time.Duration(i-10) * time.Minute)
		if err := os.Chtimes(filepath.Join(bin, hash), age, age); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			if err := os.Mkdir(filepath.Join(bin, "somebody's"), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.Chtimes(filepath.Join(bin, "somebody's"), age.Add(-time.Hour), age.Add(-time.Hour)); err != nil {
				t.Fatal(err)
			}
		}
	}
	entries, err := os.ReadDir(bin)
	if err != nil || len(entries) != 4 {
		t.Errorf("%d entries, want 3 binaries and what is not pgrun's: %v %v", len(entries), entries, err)
	}
}

func TestWorkerThatDoesNotStart(t *testing.T) {
	s := newServer(t)
	short := s.dialer(func(_ *Options, _ *machine, l *limits) {
		l.start, l.install = 300*time.Millisecond, 300*time.Millisecond
	})
	cases := map[string]struct {
		exec func(line string, c ssh.Channel) uint32
		part string
	}{
		"ends":    {func(_ string, c ssh.Channel) uint32 { _, _ = io.WriteString(c.Stderr(), "boom\n"); return 7 }, "exit code 7; it wrote nothing; standard error: boom"},
		"garbage": {func(_ string, c ssh.Channel) uint32 { _, _ = io.WriteString(c, "\x1b[31mred\x00\n"); return 1 }, "red"},
		"silent":  {func(_ string, c ssh.Channel) uint32 { _, _ = io.Copy(io.Discard, c); return 0 }, "did not start within 300ms"},
		"drops":   {func(_ string, c ssh.Channel) uint32 { _ = c.CloseWrite(); _, _ = io.Copy(io.Discard, c); return 0 }, "did not start within 300ms"},
		"floods":  {func(_ string, c ssh.Channel) uint32 { _, _ = io.Copy(c.Stderr(), endless{}); return 0 }, "did not start within 300ms"},
		"lies": {func(line string, c ssh.Channel) uint32 {
			token := line[strings.Index(line, "pgrun-"):]
			_, _ = io.WriteString(c, token[:len(newToken())]+" folder ../../etc\n")
			return 0
		}, "does not understand"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s.set(func() { s.exec = c.exec })
			_, err := s.open(short).StartWorker(context.Background(), workerBinary(t, echoWorker), []string{"worker"})
			typed := wantError(t, err, NoWorker, c.part)
			if strings.ContainsAny(typed.Error(), "\x1b\x00") {
				t.Errorf("control characters reach the terminal: %q", typed.Error())
			}
		})
	}
}

func TestStartIsCancelled(t *testing.T) {
	s := newServer(t)
	began := make(chan struct{}, 1)
	s.set(func() {
		s.exec = func(_ string, c ssh.Channel) uint32 {
			began <- struct{}{}
			_, _ = io.Copy(io.Discard, c)
			return 0
		}
	})
	client := s.open(s.dialer())
	ctx, cancel := context.WithCancelCause(context.Background())
	reason := errors.New("the operator pressed ^C")
	go func() {
		<-began
		cancel(reason)
	}()
	if _, err := client.StartWorker(ctx, workerBinary(t, echoWorker), []string{"worker"}); !errors.Is(err, reason) {
		t.Errorf("got %v", err)
	}
}

// TestABinaryThatOthersCanWriteIsNotRun: it lies where a member of a group, or
// another user, could have put anything.
func TestABinaryThatOthersCanWriteIsNotRun(t *testing.T) {
	s := newServer(t)
	d, client := s.dialer(), (*Client)(nil)
	client = s.open(d)
	binary := workerBinary(t, echoWorker)
	hash, err := d.binaries.hashes(binaryOf{"linux/amd64": binary["linux/amd64"]})
	if err != nil {
		t.Fatal(err)
	}
	talk(t, start(t, client, binary))
	planted := filepath.Join(d.roots[0], "bin", hash, "pgrun")
	if err := os.WriteFile(planted, []byte(strings.Replace(echoWorker, "hello", "planted", 1)), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{planted, filepath.Dir(planted), filepath.Join(d.roots[0], "bin"), d.roots[0], filepath.Dir(d.roots[0])} {
		if err := os.Chmod(path, 0o775); err != nil {
			t.Fatal(err)
		}
		if hello := talk(t, start(t, client, binary)); strings.HasPrefix(hello, "planted") {
			t.Errorf("%s is group-writable, and runs: %s", path, hello)
		}
		if err := os.Chmod(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}

// TestTheWorkerIsToldItsHash on the first start and on the next.
func TestTheWorkerIsToldItsHash(t *testing.T) {
	s := newServer(t)
	d := s.dialer()
	binary := workerBinary(t, "#!/bin/sh\nfor last; do :; done\necho \"$last\"\necho \"$@\"\n")
	hash, err := d.binaries.hashes(binaryOf{"linux/amd64": binary["linux/amd64"]})
	if err != nil {
		t.Fatal(err)
	}
	client := s.open(d)
	for range 2 {
		text, err := io.ReadAll(start(t, client, binary))
		if words := strings.Fields(string(text)); err != nil || len(words) != 3 || words[0] != "worker" || words[1] != hash {
			t.Errorf("started with %q, %v", text, err)
		}
	}
}
