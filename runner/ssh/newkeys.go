package ssh

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"golang.org/x/crypto/ssh"
)

// takesHostKeys says whether a file is one of host keys: UserKnownHostsFile can
// name any file, and in authorized_keys a line is a login. The name decides, or
// what is in the file already.
func takesHostKeys(path string) error {
	resolved, err := filepath.EvalSymlinks(path)
	if err != nil { // not there yet
		resolved = path
	}
	switch name := filepath.Base(resolved); {
	case strings.HasPrefix(name, "authorized_keys"):
		return fmt.Errorf("%s holds logins, and is no known_hosts file", path)
	case strings.HasPrefix(name, "known_hosts"):
		return nil
	}
	text, err := readLimited(path, maxKnownHosts)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if !holdsHostKeys(text) {
		return fmt.Errorf("%s is not called known_hosts, and does not hold host keys only", path)
	}
	return nil
}

// holdsHostKeys says whether a text has host keys, and nothing else.
func holdsHostKeys(text []byte) bool {
	found := false
	for line := range bytes.Lines(text) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		if _, _, _, _, _, err := ssh.ParseKnownHosts(line); err != nil && !foreignKind(err) {
			return false
		}
		found = true
	}
	return found
}
