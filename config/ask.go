package config

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

const maxSecret = 64 << 10

// resolved is the value of a source: each is asked once.
type resolved struct {
	once  sync.Once
	value string
	err   error
}

// ask returns the value of a source, asking it only the first time.
func (f *Files) ask(ctx context.Context, n *yaml.Node) (string, error) {
	if fault := sourceFault(n); fault != "" {
		return "", errors.New(fault)
	}
	folder := filepath.Dir(f.Pos(n).File)
	parts := []string{n.ShortTag(), folder, n.Value}
	for _, argument := range n.Content {
		parts = append(parts, argument.Value)
	}
	id := strings.Join(parts, "\x00")
	f.mu.Lock()
	if f.secrets == nil {
		f.secrets = map[string]*resolved{}
	}
	r, ok := f.secrets[id]
	if !ok {
		r = &resolved{}
		f.secrets[id] = r
	}
	f.mu.Unlock()
	r.once.Do(func() { r.value, r.err = fetch(ctx, n, folder) })
	return r.value, r.err
}

func fetch(ctx context.Context, n *yaml.Node, folder string) (string, error) {
	var value, what string
	var err error
	switch n.ShortTag() {
	case "!env":
		what = "the environment variable " + n.Value
		var ok bool
		if value, ok = os.LookupEnv(n.Value); !ok {
			return "", fmt.Errorf("%s is not set", what)
		}
	case "!file":
		path := absolute(folder, n.Value)
		what = "the file " + path
		var text []byte
		if text, err = readFile(path, maxSecret); err != nil {
			return "", fmt.Errorf("%s: %w", what, err)
		}
		value = string(text)
	case "!command":
		var argv []string
		for _, argument := range n.Content {
			argv = append(argv, argument.Value)
		}
		what = "the command " + argv[0]
		if value, err = output(ctx, folder, argv); err != nil {
			return "", fmt.Errorf("%s: %w", what, err)
		}
	}
	return checked(what, value)
}

// checked cuts the newline that editors and programs end their texts with.
func checked(what, value string) (string, error) {
	value = strings.TrimSuffix(strings.TrimSuffix(value, "\n"), "\r")
	switch {
	case value == "":
		return "", fmt.Errorf("%s is empty", what)
	case !utf8.ValidString(value) || strings.ContainsRune(value, 0):
		return "", fmt.Errorf("%s is no text: a secret is UTF-8 without NUL bytes", what)
	}
	return value, nil
}

// absolute makes a path relative to a folder, or to the user's home.
func absolute(folder, path string) string {
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			return filepath.Join(home, rest)
		}
	}
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(folder, path)
}
