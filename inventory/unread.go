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

// WarnUnread warns of variables in the working folder that are beside neither
// the inventory nor the playbook: Ansible does not read them either.
func (i *Inventory) WarnUnread(p *config.Problems) {
	if slices.ContainsFunc(i.folders, func(read string) bool { return sameFile(read, ".") }) {
		return
	}
	for _, name := range []string{"group_vars", "host_vars"} {
		if info, err := os.Stat(name); err == nil && info.IsDir() {
			p.Warn(config.Pos{File: name}, "", "is not read: move it beside the inventory or the playbook")
		}
	}
}

func sameFile(a, b string) bool {
	if filepath.Clean(a) == filepath.Clean(b) {
		return true
	}
	first, err := os.Stat(a)
	if err != nil {
		return false
	}
	second, err := os.Stat(b)
	return err == nil && os.SameFile(first, second)
}
