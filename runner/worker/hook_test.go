package worker

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestMain lets the test's own binary be a worker.
func TestMain(m *testing.M) {
	Hook(nil)
	os.Exit(m.Run())
}

// launched starts this binary as a worker with a hash.
func launched(t *testing.T, hash string) (first string, stderr string) {
	t.Helper()
	worker := exec.Command(os.Args[0], Verb, hash, "the-token")
	in, err := worker.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := worker.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	var said strings.Builder
	worker.Stderr = &said
	if err := worker.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for first == "" && lines.Scan() {
		first = lines.Text()
	}
	in.Close()
	_, _ = io.Copy(io.Discard, out)
	_ = worker.Wait() // its exit code is of no interest
	return first, said.String()
}

// TestTheWorkerKnowsItsHash: a program that is not the one that was asked for
// says nothing on its stream, and gets no section.
func TestTheWorkerKnowsItsHash(t *testing.T) {
	sum := strings.Repeat("0", 64)
	if first, stderr := launched(t, sum); first != "" || !strings.Contains(stderr, "not "+sum) || !strings.Contains(stderr, os.Args[0]) {
		t.Errorf("another hash: %q, stderr %q", first, stderr)
	}
	err := verify(os.Args[0], sum)
	var hash string
	if _, scanned := fmt.Sscanf(err.Error()[strings.Index(err.Error(), "SHA-256 "):], "SHA-256 %64s", &hash); scanned != nil {
		t.Fatal(err)
	}
	if first, stderr := launched(t, hash); first != "the-token" {
		t.Errorf("its own hash: %q, stderr %q", first, stderr)
	}
}

func TestAProgramThatOthersCanWriteIsNotBrought(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "bin")
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	self := Self{executable: filepath.Join(folder, "pgrun")}
	path := filepath.Join(folder, "pgrun-linux-riscv64")
	if err := os.WriteFile(path, nil, 0o755); err != nil {
		t.Fatal(err)
	}
	chmod := func(path string, mode os.FileMode) {
		t.Helper()
		if err := os.Chmod(path, mode); err != nil {
			t.Fatal(err)
		}
	}
	chmod(path, 0o755)
	chmod(folder, 0o755)
	if found, err := self.For("linux", "riscv64"); err != nil || found != path {
		t.Errorf("found %q, %v", found, err)
	}
	for _, c := range []struct {
		path string
		mode os.FileMode
		who  string
	}{{path, 0o775, "its group"}, {path, 0o757, "everybody"}, {folder, 0o775, "its group"}, {folder, 0o777, "everybody"}} {
		chmod(c.path, c.mode)
		if _, err := self.For("linux", "riscv64"); err == nil || !strings.Contains(err.Error(), c.who+" can write to "+c.path) {
			t.Errorf("%s %o: %v", c.path, c.mode, err)
		}
		chmod(c.path, 0o755)
	}
	if os.Getuid() == 0 {
		if err := os.Chown(path, 12345, 0); err != nil {
			t.Fatal(err)
		}
		if _, err := self.For("linux", "riscv64"); err == nil || !strings.Contains(err.Error(), "12345") {
			t.Errorf("another owner: %v", err)
		}
	}
}
