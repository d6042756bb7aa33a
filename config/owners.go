package config

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"gopkg.in/yaml.v3"
)

// CheckTrust reports files that others than root and the user could change:
// those that were read, and the files and programs that they take secrets from.
// named says which files the user has named, so that they need no check.
func (f *Files) CheckTrust(t Trust, named func(path string) bool, p *Problems) {
	f.mu.Lock()
	opened := append([]string(nil), f.opened...)
	f.mu.Unlock()
	for _, path := range opened {
		if named(path) {
			continue
		}
		if fault := t.fault(path); fault != "" {
			p.Add(Pos{File: path}, "", "is not followed, since it can have pgrun run commands: %s", fault)
		}
	}
	for _, n := range f.sources() {
		pos := f.Pos(n)
		if fault := t.faultOfSource(n, filepath.Dir(pos.File)); fault != "" && !named(pos.File) {
			p.Add(pos, "", "%s", fault)
		}
		if path := absolute(filepath.Dir(pos.File), n.Value); n.ShortTag() == "!file" && readableByAll(path) {
			p.Warn(pos, "", "everybody on this machine can read the secret in %s: chmod 600 %s", path, path)
		}
	}
}

// sources are all nodes that say where a secret comes from.
func (f *Files) sources() []*yaml.Node {
	f.mu.Lock()
	defer f.mu.Unlock()
	var list []*yaml.Node
	for n := range f.nodes {
		if isSource(n) && sourceFault(n) == "" {
			list = append(list, n)
		}
	}
	return list
}

// faultOfSource is the fault of the file or program that a secret comes from. Of
// a program that is found by the PATH only the file counts: which folders are
// in the PATH is the user's decision.
func (t Trust) faultOfSource(n *yaml.Node, folder string) string {
	fault := ""
	switch n.ShortTag() {
	case "!file":
		if fault = t.fault(absolute(folder, n.Value)); fault != "" {
			fault = "the secret in " + n.Value + " is not used: " + fault
		}
	case "!command":
		name := n.Content[0].Value
		if strings.ContainsRune(name, filepath.Separator) {
			fault = t.fault(absolute(folder, name))
		} else if found, err := exec.LookPath(name); err == nil {
			fault = t.faultOf(found, "it")
		}
		if fault != "" {
			fault = "the program " + name + " is not run: " + fault
		}
	}
	return fault
}

// readableByAll says whether everybody can open a file: its folders count too.
func readableByAll(path string) bool {
	full, err := filepath.Abs(path)
	if err != nil {
		return false
	}
	if full, err = filepath.EvalSymlinks(full); err != nil {
		return false
	}
	info, err := os.Stat(full)
	if err != nil || info.Mode().Perm()&0o004 == 0 {
		return false
	}
	for folder := filepath.Dir(full); ; folder = filepath.Dir(folder) {
		if info, err := os.Stat(folder); err != nil || info.Mode().Perm()&0o001 == 0 {
			return false
		}
		if folder == filepath.Dir(folder) {
			return true
		}
	}
}
