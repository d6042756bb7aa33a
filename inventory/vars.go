package inventory

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pgrun/pgrun/config"
	"gopkg.in/yaml.v3"
)

// folders are where group_vars and host_vars lie, in the order of precedence:
// of each source, then of the playbook. One that comes again counts where it
// comes last, as what Ansible reads there lies over what it read before.
func (l *loader) folders(paths []string, playbook string) []string {
	var folders []string
	for _, path := range paths {
		if info, err := os.Stat(path); err != nil || !info.IsDir() {
			path = filepath.Dir(path)
		}
		folders = append(folders, path)
	}
	if playbook != "" {
		folders = append(folders, playbook)
	}
	var last []string
	for at, folder := range folders {
		if !slices.ContainsFunc(folders[at+1:], func(later string) bool { return sameFile(folder, later) }) {
			last = append(last, folder)
		}
	}
	return last
}

// varsDir is a group_vars or host_vars, and what lies in it.
type varsDir struct {
	path  string
	names []string
}

// varsDir opens a folder of variables; one that is not there has nothing in it.
func (l *loader) varsDir(folder, name string) varsDir {
	dir := varsDir{path: filepath.Join(folder, name)}
	entries, err := os.ReadDir(dir.path)
	if err != nil {
		if info, statErr := os.Lstat(dir.path); statErr == nil && info.Mode().IsRegular() {
			l.problems.Add(config.Pos{File: dir.path}, "", "is no folder: variables stand in files below it")
		} else if statErr == nil || !errors.Is(statErr, fs.ErrNotExist) {
			l.unreadable(dir.path, err)
		}
	}
	for _, entry := range entries {
		dir.names = append(dir.names, entry.Name())
	}
	return dir
}

func (l *loader) unreadable(path string, err error) {
	var at *fs.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	if errors.Is(err, fs.ErrNotExist) {
		err = errors.New("there is no such file")
	}
	l.problems.Add(config.Pos{File: path}, "", "%v", err)
}

func (l *loader) groupVars(folders []string) {
	for _, folder := range folders {
		dir := l.varsDir(folder, "group_vars")
		names := Conventional()
		for _, g := range l.inv.groups {
			names = append(names, g.name)
			var layers []layer
			for _, n := range l.varsFiles(dir, g.name) {
				layers = append(layers, layer{"group_vars of " + g.name, n})
				if key, _ := config.Get(n, "ansible_group_priority"); key != nil {
					l.problem(key, "", "ansible_group_priority counts only below vars in the inventory file")
				}
			}
			g.files = append(g.files, layers)
		}
		l.strangers(dir, "group", names)
	}
}

func (l *loader) hostVars(folders []string) map[string][]layer {
	layers := map[string][]layer{}
	for _, folder := range folders {
		dir := l.varsDir(folder, "host_vars")
		var names []string
		for _, h := range l.inv.Hosts {
			names = append(names, h.Name)
			for _, n := range l.varsFiles(dir, h.Name) {
				layers[h.Name] = append(layers[h.Name], layer{"host_vars of " + h.Name, n})
			}
		}
		l.strangers(dir, "host", names)
	}
	return layers
}

// varsFiles reads the variables of a name: the first that there is of name,
// name.yml, name.yaml and name.json, as Ansible does; a folder stands for all
// files in it.
func (l *loader) varsFiles(dir varsDir, name string) []*yaml.Node {
	var nodes []*yaml.Node
	var first string
	for _, end := range []string{"", ".yml", ".yaml", ".json"} {
		path := filepath.Join(dir.path, name+end)
		switch {
		case !slices.Contains(dir.names, name+end):
			continue
		case first != "":
			l.problems.Warn(config.Pos{File: path}, "", "is passed over, since %s counts: make one of the two", first)
			continue
		}
		first = path
		paths := []string{path}
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			paths = l.varsFolder(path, 0)
		}
		for _, path := range paths {
			n := l.inv.Files.LoadVars(path, l.problems)
			if n == nil {
				l.broken()
				continue
			}
			nodes = append(nodes, n)
		}
	}
	return nodes
}

// varsFolder lists a folder of variables, sorted, with the folders in it.
func (l *loader) varsFolder(folder string, depth int) []string {
	if depth > deepest {
		l.problems.Add(config.Pos{File: folder}, "", "is more than %d folders deep: does a link lead back?", deepest)
		return nil
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		l.unreadable(folder, err)
		return nil
	}
	var paths []string
	for _, entry := range entries {
		name, path := entry.Name(), filepath.Join(folder, entry.Name())
		if strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~") {
			continue
		}
		info, err := os.Stat(path)
		end := filepath.Ext(name)
		switch {
		case err != nil:
			l.unreadable(path, err)
		case info.IsDir() && end == "":
			paths = append(paths, l.varsFolder(path, depth+1)...)
		case !info.IsDir() && slices.Contains([]string{"", ".yml", ".yaml", ".json"}, end):
			paths = append(paths, path)
		}
	}
	return paths
}
