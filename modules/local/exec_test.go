//go:build linux

package local

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/pgrun/pgrun/modules"
)

func shell(text string, args ...string) modules.Command {
	return modules.Command{Argv: append([]string{"sh", "-c", text, "sh"}, args...)}
}

func TestExecKeepsArgumentsAsData(t *testing.T) {
	h, _ := rooted(t)
	hostile := []string{"$(touch /x)", "`id`", "'", `"`, "two\nlines", "-rf", "", "a b", `\`, "*", "~"}
	result, err := h.Exec(context.Background(), modules.Command{Argv: append([]string{"printf", "%s\\0"}, hostile...)})
	if err != nil || string(result.Stdout) != strings.Join(hostile, "\x00")+"\x00" {
		t.Errorf("%q, %v", result.Stdout, err)
	}
}

func TestExecGivesASmallEnvironment(t *testing.T) {
	t.Setenv("PGPASSWORD", "of the operator")
	t.Setenv("HTTP_PROXY", "http://proxy")
	h, _ := rooted(t)
	result, err := h.Exec(context.Background(), modules.Command{Argv: []string{"env"}, Env: []string{"X=1"}})
	want := "PATH=" + searchPath + "\nLANG=C.UTF-8\nDEBIAN_FRONTEND=noninteractive\nHOME=/root\nUSER=root\nLOGNAME=root\nX=1\n"
	if err != nil || string(result.Stdout) != want {
		t.Errorf("%s, %v", result.Stdout, err)
	}
}

func TestExecCarriesSecretsOnStdin(t *testing.T) {
	h, _ := rooted(t)
	text := bytes.Repeat([]byte("secret\n"), 100000)
	c := modules.Command{Argv: []string{"cat"}, Stdin: text}
	result, err := h.Exec(context.Background(), c)
	if err != nil || !bytes.Equal(result.Stdout, text) {
		t.Errorf("%d bytes, %v", len(result.Stdout), err)
	}
}

func TestExecFails(t *testing.T) {
	h, _ := rooted(t)
	_, err := h.Exec(context.Background(), shell("seq 1 30 >&2; exit 3"))
	var exit *modules.ExitError
	if !errors.As(err, &exit) || exit.Code != 3 || !strings.HasPrefix(exit.Stderr, "11\n") || !strings.HasSuffix(exit.Stderr, "\n30") {
		t.Errorf("%v", err)
	}
	_, err = h.Exec(context.Background(), shell("echo only here; kill -9 $$"))
	if !errors.As(err, &exit) || exit.Code != 137 || exit.Stderr != "only here" {
		t.Errorf("%v", err)
	}
	_, err = h.Exec(context.Background(), modules.Command{Argv: []string{"no-such-program"}})
	if !errors.Is(err, fs.ErrNotExist) || !strings.Contains(err.Error(), "no-such-program is not installed") {
		t.Errorf("%v", err)
	}
}

func TestExecKeepsHeadAndTail(t *testing.T) {
	h, _ := rooted(t)
	result, err := h.Exec(context.Background(), shell("echo first; head -c 3000000 /dev/zero; echo last"))
	if err != nil {
		t.Fatal(err)
	}
	out := string(result.Stdout)
	if !strings.HasPrefix(out, "first\n") || !strings.HasSuffix(out, "last\n") || !strings.Contains(out, "[1951435 bytes left out]") || len(out) > mostKept+100 {
		t.Errorf("%d bytes, begins %q, ends %q", len(out), out[:10], out[len(out)-10:])
	}
}

func TestExecDoesNotWaitForADaemon(t *testing.T) {
	h, _ := rooted(t)
	began := time.Now()
	result, err := h.Exec(context.Background(), shell("setsid sleep 30 & echo $!"))
	if err != nil || time.Since(began) > 10*time.Second {
		t.Fatalf("%v after %s", err, time.Since(began))
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(result.Stdout)))
	must(t, err)
	must(t, unix.Kill(pid, unix.SIGKILL))
}

func TestExecEndsTheWholeGroup(t *testing.T) {
	h, root := rooted(t)
	note := filepath.Join(root, "pid")
	c := shell(`sleep 30 & echo $! > "$1"; wait`, note)
	c.Deadline = 500 * time.Millisecond
	_, err := h.Exec(context.Background(), c)
	if err == nil || !strings.Contains(err.Error(), "did not end within 500ms") {
		t.Error(err)
	}
	text, err := os.ReadFile(note)
	must(t, err)
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	must(t, err)
	for range 100 {
		if gone(pid) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Error("a child of the command is still there")
}

// gone also takes a process for gone that only waits to be reaped: in a
// container nobody may do so.
func gone(pid int) bool {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err != nil || strings.Contains(string(text), ") Z ")
}

func TestExecEndsWithItsContext(t *testing.T) {
	h, _ := rooted(t)
	why := errors.New("the operator interrupted")
	ctx, cancel := context.WithCancelCause(context.Background())
	time.AfterFunc(50*time.Millisecond, func() { cancel(why) })
	if _, err := h.Exec(ctx, modules.Command{Argv: []string{"sleep", "30"}}); !errors.Is(err, why) {
		t.Error(err)
	}
	if _, err := h.Exec(ctx, modules.Command{Argv: []string{"true"}}); !errors.Is(err, why) {
		t.Error(err)
	}
}

func TestQueryRefusesWhatChanges(t *testing.T) {
	h, root := rooted(t)
	_, err := h.Query(context.Background(), modules.Command{Argv: []string{"touch", filepath.Join(root, "x")}})
	if err == nil || !strings.Contains(err.Error(), "not a read-only command") {
		t.Error(err)
	}
	if result, err := h.Query(context.Background(), modules.Command{Argv: []string{"uname", "-s"}}); err != nil || string(result.Stdout) != "Linux\n" {
		t.Error(err)
	}
}

func TestQueryMakesAScriptsSessionReadOnly(t *testing.T) {
	h, root := rooted(t)
	psql := filepath.Join(root, "psql")
	must(t, os.WriteFile(psql, []byte("#!/bin/sh\necho \"$PGOPTIONS\"; cat\n"), 0o755))
	c := modules.Script{Bin: psql, Text: "select 1;"}.Command()
	c.User = ""
	result, err := h.Query(context.Background(), c)
	if err != nil || !strings.HasSuffix(string(result.Stdout), " -c default_transaction_read_only=on\nselect 1;\n") {
		t.Errorf("%s, %v", result.Stdout, err)
	}
	if result, err = h.Exec(context.Background(), c); err != nil || !strings.HasSuffix(string(result.Stdout), " -c default_transaction_read_only=off\nselect 1;\n") {
		t.Errorf("%s, %v", result.Stdout, err)
	}
}
