package config

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"gopkg.in/yaml.v3"
)

// maxFile bounds a YAML file: inventories of thousands of hosts are smaller.
const maxFile = 4 << 20

// Files remembers which file each node came from, and the secrets that were
// resolved. Its zero value is ready; it may be used concurrently.
type Files struct {
	mu      sync.Mutex
	nodes   map[*yaml.Node]*source
	secrets map[string]*resolved
	opened  []string // files that were read
}

// Load reads and parses a YAML file. It returns nil when it could not; p says
// why. What it returns has neither aliases nor merge keys: they are in place.
func (f *Files) Load(path string, p *Problems) *yaml.Node {
	return f.LoadWith(path, "write what it is to hold", p)
}

// LoadWith is Load with words for an empty file: what to write into it.
func (f *Files) LoadWith(path, holds string, p *Problems) *yaml.Node {
	text, ok := f.read(path, p)
	if !ok {
		return nil
	}
	return f.parseText(&source{name: path, text: text, holds: holds}, p)
}

// LoadVars reads a file of variables: a mapping, which may be empty. It
// returns an empty mapping for an empty file, nil when there was a problem.
func (f *Files) LoadVars(path string, p *Problems) *yaml.Node {
	text, ok := f.read(path, p)
	if !ok {
		return nil
	}
	s := &source{name: path, text: text}
	n, ok := f.parse(s, p)
	switch {
	case !ok:
		return nil
	case n == nil:
		return &yaml.Node{Kind: yaml.MappingNode, Tag: "!!map", Line: 1, Column: 1}
	case n.Kind != yaml.MappingNode:
		p.Add(f.Pos(n), "", "a file of variables is a mapping (name: value), not %s", kindOf(n))
		return nil
	}
	return n
}

// Parse parses YAML text under a name, like Load.
func (f *Files) Parse(name string, text []byte, p *Problems) *yaml.Node {
	return f.parseText(&source{name: name, text: text, holds: "write what it is to hold"}, p)
}

func (f *Files) parseText(s *source, p *Problems) *yaml.Node {
	n, ok := f.parse(s, p)
	if ok && n == nil {
		p.Add(Pos{File: s.name}, "", "is empty: %s", s.holds)
	}
	return n
}

// Pos returns a node's place. A mapping that Merge made is where its first
// key is.
func (f *Files) Pos(n *yaml.Node) Pos {
	if n == nil {
		return Pos{}
	}
	pos := Pos{Line: n.Line, Column: n.Column}
	if f == nil {
		return pos
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for at := n; at != nil; at = first(at) {
		if s, ok := f.nodes[at]; ok {
			return Pos{File: s.name, Line: at.Line, Column: at.Column, source: s}
		}
	}
	return pos
}

func first(n *yaml.Node) *yaml.Node {
	if len(n.Content) == 0 {
		return nil
	}
	return n.Content[0]
}

// Adopt gives a node that was made from another one its place.
func (f *Files) Adopt(made, from *yaml.Node) {
	if f == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for at := from; at != nil; at = first(at) {
		if s, ok := f.nodes[at]; ok {
			made.Line, made.Column = at.Line, at.Column
			f.nodes[made] = s
			return
		}
	}
}

// ReadFile reads a file of a size that a person writes; its errors do not name
// it.
func ReadFile(path string) ([]byte, error) { return readFile(path, maxFile) }

func (f *Files) read(path string, p *Problems) ([]byte, bool) {
	f.mu.Lock()
	f.opened = append(f.opened, path)
	f.mu.Unlock()
	text, err := ReadFile(path)
	if err != nil {
		p.Add(Pos{File: path}, "", "%v%s", err, beside(path))
		return nil, false
	}
	return text, true
}

// beside suggests a file of nearly the same name for one that is not there.
func beside(path string) string {
	if _, err := os.Lstat(path); err == nil {
		return ""
	}
	entries, _ := os.ReadDir(filepath.Dir(path)) // none: nothing to suggest
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	if near := Nearest(filepath.Base(path), names); near != "" {
		return fmt.Sprintf(" (did you mean %s?)", filepath.Join(filepath.Dir(path), near))
	}
	return ""
}

// readFile reads a file of at most limit bytes; its errors do not name it.
func readFile(path string, limit int64) ([]byte, error) {
	// A pipe or device that nobody writes to would block.
	file, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, reason(err)
	}
	defer file.Close()
	if err := readable(file); err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err != nil {
		return nil, reason(err)
	}
	if int64(len(text)) > limit {
		return nil, fmt.Errorf("is larger than %d KiB", limit>>10)
	}
	return text, nil
}

// readable refuses what is no regular file, but for the pipe of a shell's
// <(command), which is read as long as a command may take.
func readable(file *os.File) error {
	info, err := file.Stat()
	switch {
	case err != nil:
		return reason(err)
	case info.IsDir():
		return errors.New("is a folder, not a file")
	case info.Mode().IsRegular():
		return nil
	case info.Mode()&os.ModeNamedPipe != 0 && filepath.Dir(file.Name()) == "/dev/fd":
		return file.SetReadDeadline(time.Now().Add(askFor))
	}
	return errors.New("is no regular file")
}

// reason takes off the path that an error of package os carries.
func reason(err error) error {
	var at *fs.PathError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return errors.New("there is no such file")
	case errors.As(err, &at):
		return at.Err
	}
	return err
}
