package worker

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"

	"github.com/pgrun/pgrun/modules/local"
	"github.com/pgrun/pgrun/runner"
)

// Verb is the command line's first word that makes the binary a worker.
const Verb = "worker"

// Self is the proof that this binary can be its own worker: only Hook makes
// one, and the controller's options need it.
type Self struct{ executable string }

// Hook must be the first line of main. In a process that was started as a
// worker it serves and exits; else it returns the binary's Self.
//
// It also keeps the process from dumping core and from being read by others of
// its user: it will hold all secrets of the run.
func Hook(registry runner.Registry) Self {
	if err := harden(); err != nil {
		fmt.Fprintln(os.Stderr, "pgrun:", err)
		os.Exit(1)
	}
	if len(os.Args) > 1 && os.Args[1] == Verb {
		os.Exit(serveStdio(registry, os.Args[2:]))
	}
	executable, err := os.Executable()
	if err != nil {
		executable = os.Args[0]
	}
	if resolved, err := filepath.EvalSymlinks(executable); err == nil {
		executable = resolved
	}
	return Self{executable: executable}
}

// For returns the path of the binary for a platform: this one, or
// pgrun-<os>-<arch> beside it.
func (s Self) For(goos, goarch string) (string, error) {
	if goos == runtime.GOOS && goarch == runtime.GOARCH {
		return s.executable, nil
	}
	path := filepath.Join(filepath.Dir(s.executable), fmt.Sprintf("pgrun-%s-%s", goos, goarch))
	if _, err := os.Stat(path); err != nil {
		return "", fmt.Errorf("the host is %s/%s and this pgrun is %s/%s: put the binary of that platform at %s",
			goos, goarch, runtime.GOOS, runtime.GOARCH, path)
	}
	if err := owned(path); err != nil {
		return "", err
	}
	return path, nil
}

// serveStdio prints the controller's token, so that it can tell frames from
// the noise of a login, and serves frames on stdin and stdout. args are the hash
// that this program must have, and the token.
func serveStdio(registry runner.Registry, args []string) int {
	if len(args) != 2 {
		fmt.Fprintln(os.Stderr, "pgrun worker is started by pgrun itself, on the hosts of a run")
		return 4
	}
	// Heard and dropped, not ignored: children would inherit that.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE, syscall.SIGHUP, syscall.SIGINT, syscall.SIGTERM)
	syscall.Umask(0o022) // a login shell may have another
	if err := verify("/proc/self/exe", args[0]); err != nil {
		fmt.Fprintln(os.Stderr, "pgrun worker:", err)
		return 1
	}
	fmt.Printf("\n%s\n", args[1])
	host := local.New(local.Options{})
	defer host.Close()
	w := Worker{Registry: registry, Host: host, LockPath: LockPath}
	if err := w.Serve(context.Background(), os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "pgrun worker:", err)
		return 1
	}
	return 0
}
