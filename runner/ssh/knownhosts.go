package ssh

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	skeema "github.com/skeema/knownhosts"
	"golang.org/x/crypto/ssh"
	"golang.org/x/sys/unix"
)

const (
	maxKnownHosts = 64 << 20
	maxKnownLine  = 60 << 10 // the library's scanner ends at 64 KiB
)

// readKnownHosts reads the files that exist. origin gives the file that a name
// in the database's errors stands for.
func readKnownHosts(files []string, warn func(string, ...any)) (db *skeema.HostKeyDB, origin func(string) string, err error) {
	var there []string
	var texts [][]byte
	for _, path := range files {
		text, err := readLimited(path, maxKnownHosts)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, nil, fail(BadKnownHosts, "make the file readable", "known_hosts: %w", err)
		}
		there, texts = append(there, path), append(texts, text)
	}
	if db, err = skeema.NewDB(there...); err == nil {
		return db, func(name string) string { return name }, nil
	}
	return readCleaned(there, texts, warn)
}

// readCleaned reads copies without the lines that do not parse, where the
// library would give up on the file. OpenSSH passes over such lines; but a
// revocation that cannot be read is an error.
func readCleaned(files []string, texts [][]byte, warn func(string, ...any)) (*skeema.HostKeyDB, func(string) string, error) {
	dir, err := os.MkdirTemp("", "pgrun-known-hosts-")
	if err != nil {
		return nil, nil, fmt.Errorf("known_hosts: %w", err)
	}
	defer os.RemoveAll(dir)
	origins := map[string]string{}
	var copies []string
	for i, path := range files {
		text, err := cleaned(path, texts[i], warn)
		if err != nil {
			return nil, nil, err
		}
		copied := filepath.Join(dir, strconv.Itoa(i))
		if err := os.WriteFile(copied, text, 0o600); err != nil {
			return nil, nil, fmt.Errorf("known_hosts: %w", err)
		}
		origins[copied] = path
		copies = append(copies, copied)
	}
	db, err := skeema.NewDB(copies...)
	if err != nil {
		return nil, nil, fail(BadKnownHosts, "mend or remove the line", "known_hosts (copies of %v): %w", files, err)
	}
	return db, func(name string) string { return origins[name] }, nil
}

// cleaned empties the lines that do not parse, so that the others keep their
// numbers.
func cleaned(path string, text []byte, warn func(string, ...any)) ([]byte, error) {
	lines := bytes.Split(text, []byte("\n"))
	for i, line := range lines {
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		var err error
		if len(line) > maxKnownLine {
			err = fmt.Errorf("longer than %d bytes", maxKnownLine)
		} else {
			_, _, _, _, _, err = ssh.ParseKnownHosts(line)
		}
		if err == nil {
			continue
		}
		if bytes.HasPrefix(line, []byte("@revoked")) {
			return nil, fail(BadKnownHosts, "mend or remove the line", "%s:%d: a revocation that does not parse: %w", path, i+1, err)
		}
		lines[i] = nil
		if foreignKind(err) {
			continue
		}
		warn("%s:%d: passed over: %v", path, i+1, err)
	}
	return bytes.Join(lines, []byte("\n")), nil
}

// foreignKind says that the line is sound and its key of a kind that this
// program cannot use, as newer OpenSSH writes beside the others for each of its
// hosts: nothing to mend, and nothing to tell every time.
func foreignKind(err error) bool {
	return strings.Contains(err.Error(), "unknown key algorithm")
}

// stamp tells whether a file has changed.
type stamp struct{ size, modified int64 }

func stampOf(path string) stamp {
	info, err := os.Stat(path)
	if err != nil {
		return stamp{}
	}
	return stamp{size: info.Size(), modified: info.ModTime().UnixNano()}
}

// accept remembers the key of a host that no file knows. The file is locked
// against other processes, and read again when one of them has written to it: a
// key that another run has accepted counts. Hosts whose keys are known do not
// wait meanwhile.
func (h *hostKeys) accept(t *target, remote net.Addr, key ssh.PublicKey) error {
	if err := takesHostKeys(h.files[0]); err != nil {
		return fail(BadKnownHosts, "name a file known_hosts in UserKnownHostsFile, or add the key yourself",
			"remember the host key of %s: %w", t.keyName, err)
	}
	h.accepting.Lock()
	defer h.accepting.Unlock()
	file, err := h.lock()
	if err != nil {
		return fail(BadKnownHosts, "make it writable, or add the key yourself", "remember the host key of %s: %w", t.keyName, err)
	}
	defer file.Close()
	if err := h.again(t, remote, key); !skeema.IsHostUnknown(err) {
		h.mu.Lock()
		defer h.mu.Unlock()
		return h.explain(t, key, err)
	}
	if err := appendLine(file, skeema.Line([]string{skeema.Normalize(t.keyName)}, key)); err != nil {
		return fail(BadKnownHosts, "", "remember the host key of %s in %s: %w", t.keyName, h.files[0], err)
	}
	h.mu.Lock()
	h.stamp = stampOf(h.files[0])
	if h.accepted == nil {
		h.accepted = map[string]ssh.PublicKey{}
	}
	h.accepted[t.keyName] = key
	h.mu.Unlock()
	h.warn("new host key of %s: %s, added to %s", t.keyName, fingerprint(key), h.files[0])
	return nil
}

// again compares once more, with what the file says now.
func (h *hostKeys) again(t *target, remote net.Addr, key ssh.PublicKey) error {
	h.mu.Lock()
	if stampOf(h.files[0]) != h.stamp {
		h.db, h.err = nil, nil
	}
	h.mu.Unlock()
	return h.compare(t, remote, key)
}

// errHeld is a file that another program keeps locked.
var errHeld = errors.New("another program keeps it locked")

// lock opens the file to read and append, and locks it. The caller holds
// accepting: when one host could not have the lock, the others do not wait.
func (h *hostKeys) lock() (*os.File, error) {
	if h.stuck != nil {
		return nil, h.stuck
	}
	path := h.files[0]
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := flock(file, h.patience); err != nil {
		file.Close()
		err = fmt.Errorf("lock %s: %w", path, err)
		if errors.Is(err, errHeld) {
			h.stuck = err
		}
		return nil, err
	}
	return file, nil
}

// flock waits for the lock, but not for ever.
func flock(file *os.File, patience time.Duration) error {
	for late := time.Now().Add(patience); ; {
		err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case !errors.Is(err, unix.EWOULDBLOCK):
			return err
		case time.Now().After(late):
			return fmt.Errorf("%w for more than %s", errHeld, patience)
		}
		time.Sleep(20 * time.Millisecond) // flock has no wait with a deadline
	}
}

// appendLine writes one whole line, also after a last line without its end.
func appendLine(file *os.File, line string) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	if size := info.Size(); size > 0 {
		last := make([]byte, 1)
		if _, err := file.ReadAt(last, size-1); err != nil {
			return err
		}
		if last[0] != '\n' {
			line = "\n" + line
		}
	}
	if _, err := file.WriteString(line + "\n"); err != nil {
		return err
	}
	return file.Sync()
}
