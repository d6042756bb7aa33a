package inventory

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pgrun/pgrun/config"
)

// strangers warns of files whose name no group or host has.
func (l *loader) strangers(dir varsDir, kind string, names []string) {
	for _, file := range dir.names {
		name := file
		for _, end := range []string{".yml", ".yaml", ".json"} {
			name = strings.TrimSuffix(name, end)
		}
		if strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~") || slices.Contains(names, name) {
			continue
		}
		l.problems.Warn(config.Pos{File: filepath.Join(dir.path, file)}, "", "no %s is called %q%s", kind, name, config.DidYouMean(name, names))
	}
}

// WarnUnread warns of variables beside a playbook, which Ansible would read.
func (i *Inventory) WarnUnread(playbook string, p *config.Problems) {
	folder := filepath.Dir(playbook)
	if slices.ContainsFunc(i.folders, func(read string) bool { return sameFile(read, folder) }) {
		return
	}
	for _, name := range []string{"group_vars", "host_vars"} {
		path := filepath.Join(folder, name)
		if info, err := os.Stat(path); err == nil && info.IsDir() {
			p.Warn(config.Pos{File: path}, "", "is not read: move it beside the inventory")
		}
	}
}

func sameFile(a, b string) bool {
	first, err := os.Stat(a)
	if err != nil {
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}
