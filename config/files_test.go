package config_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pgrun/pgrun/config"
)

// A pipe that nobody writes to is refused, and not waited for.
func TestPipesAreNotWaitedFor(t *testing.T) {
	folder := write(t, map[string]string{"db.yml": "a: !file pipe\n"})
	pipe := filepath.Join(folder, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	var files config.Files
	var problems config.Problems
	begin := time.Now()
	files.Load(pipe, &problems)
	_, err := files.Resolve(context.Background(), files.Load(filepath.Join(folder, "db.yml"), &problems), "role")
	problems.Absorb(err)
	files.Load("/dev/zero", &problems)
	got := fmt.Sprint(problems.Err())
	for _, want := range []string{"pipe: is no regular file", "role.a: the file " + pipe + ": is no regular file", "/dev/zero: is no regular file"} {
		if !strings.Contains(got, want) {
			t.Errorf("%s\nlacks %s", got, want)
		}
	}
	if spent := time.Since(begin); spent > 5*time.Second {
		t.Errorf("took %s", spent)
	}
}

// A shell's <(command) is a pipe too, and is read to its end.
func TestProcessSubstitutionIsRead(t *testing.T) {
	reader, writer, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	go func() {
		defer writer.Close()
		_, _ = writer.WriteString("a: 1\n")
	}()
	text, err := config.ReadFile(fmt.Sprintf("/dev/fd/%d", reader.Fd()))
	if err != nil || string(text) != "a: 1\n" {
		t.Errorf("%q, %v", text, err)
	}
}
