package modules

import (
	"bufio"
	"bytes"
	"context"
	"crypto/md5" // what dpkg keeps of its configuration files
	"errors"
	"fmt"
	"io/fs"
	"strings"
)

// Pristine says whether a configuration file is still as its package brought
// it. A file that the package does not have is not.
func Pristine(ctx context.Context, r Reader, name, path string) (bool, error) {
	status, err := r.ReadFile(ctx, "/var/lib/dpkg/status", 4*MaxFile)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	shipped := conffile(status, name, path)
	if shipped == "" {
		return false, nil
	}
	text, err := r.ReadFile(ctx, path, MaxFile)
	if err != nil {
		return false, err
	}
	return fmt.Sprintf("%x", md5.Sum(text)) == shipped, nil
}

// conffile finds the digest that dpkg's status has of a package's
// configuration file: a line " path digest" of its field Conffiles.
func conffile(status []byte, name, path string) string {
	lines := bufio.NewScanner(bytes.NewReader(status))
	lines.Buffer(nil, len(status)+1)
	current, field := "", ""
	for lines.Scan() {
		line := lines.Text()
		if !strings.HasPrefix(line, " ") {
			key, value, _ := strings.Cut(line, ":")
			if field = key; key == "Package" {
				current = strings.TrimSpace(value)
			}
			continue
		}
		words := strings.Fields(line)
		if current == name && field == "Conffiles" && len(words) > 1 && words[0] == path {
			return words[1]
		}
	}
	return ""
}
