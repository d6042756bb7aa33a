package inventory

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pgrun/pgrun/config"
	"gopkg.in/yaml.v3"
)

// folders are where group_vars and host_vars of the sources lie.
func (l *loader) folders(paths []string) []string {
	var folders []string
	for _, path := range paths {
		if info, err := os.Stat(path); err != nil || !info.IsDir() {
			path = filepath.Dir(path)
		}
		if !slices.Contains(folders, path) {
			folders = append(folders, path)
		}
	}
	return folders
}

func (l *loader) groupVars(folders []string) {
	for _, folder := range folders {
		below := filepath.Join(folder, "group_vars")
		for _, g := range l.inv.groups {
			var layers []layer
			for _, n := range l.varsFiles(below, g.name) {
				layers = append(layers, layer{"group_vars of " + g.name, n})
				if key, _ := config.Get(n, "ansible_group_priority"); key != nil {
					l.problem(key, "", "ansible_group_priority counts only below vars in the inventory file")
				}
			}
			g.files = append(g.files, layers)
		}
		names := Conventional()
		for _, g := range l.inv.groups {
			names = append(names, g.name)
		}
		l.strangers(below, "group", names)
	}
}

func (l *loader) hostVars(folders []string) map[string][]layer {
	layers := map[string][]layer{}
	for _, folder := range folders {
		below := filepath.Join(folder, "host_vars")
		if _, err := os.Stat(below); err != nil {
			continue
		}
		var names []string
		for _, h := range l.inv.Hosts {
			names = append(names, h.Name)
			for _, n := range l.varsFiles(below, h.Name) {
				layers[h.Name] = append(layers[h.Name], layer{"host_vars of " + h.Name, n})
			}
		}
		l.strangers(below, "host", names)
	}
	return layers
}

// varsFiles reads the variables of a name: the first that there is of name,
// name.yml, name.yaml and name.json; a folder stands for all files in it.
func (l *loader) varsFiles(folder, name string) []*yaml.Node {
	var nodes []*yaml.Node
	for _, end := range []string{"", ".yml", ".yaml", ".json"} {
		path := filepath.Join(folder, name+end)
		info, err := os.Stat(path)
		if err != nil {
			continue
		}
		paths := []string{path}
		if info.IsDir() {
			paths = l.varsFolder(path, 0)
		}
		for _, path := range paths {
			if n := l.inv.Files.LoadVars(path, l.problems); n != nil {
				nodes = append(nodes, n)
			}
		}
		break
	}
	return nodes
}

// varsFolder lists a folder of variables, sorted, with the folders in it.
func (l *loader) varsFolder(folder string, depth int) []string {
	const deepest = 10
	entries, err := os.ReadDir(folder)
	if err != nil || depth > deepest {
		l.problems.Add(config.Pos{File: folder}, "", "the folder cannot be read: %v", err)
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
			l.problems.Add(config.Pos{File: path}, "", "cannot be read: %v", err)
		case info.IsDir() && end == "":
			paths = append(paths, l.varsFolder(path, depth+1)...)
		case !info.IsDir() && slices.Contains([]string{"", ".yml", ".yaml", ".json"}, end):
			paths = append(paths, path)
		}
	}
	return paths
}

// strangers warns of files whose name no group or host has.
func (l *loader) strangers(folder, kind string, names []string) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return
	}
	for _, entry := range entries {
		name := entry.Name()
		for _, end := range []string{".yml", ".yaml", ".json"} {
			name = strings.TrimSuffix(name, end)
		}
		if strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~") || slices.Contains(names, name) {
			continue
		}
		l.problems.Warn(config.Pos{File: filepath.Join(folder, entry.Name())}, "", "no %s is called %q%s", kind, name, config.DidYouMean(name, names))
	}
}
