package inventory

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pgrun/pgrun/config"
)

// stray is a file of variables whose name no group or host has.
type stray struct {
	path, kind, name string
	names            []string // that there are
}

// strangers remembers the files whose name no group or host has.
func (l *loader) strangers(dir varsDir, kind string, names []string) {
	for _, file := range dir.names {
		name := file
		for _, end := range []string{".yml", ".yaml", ".json"} {
			name = strings.TrimSuffix(name, end)
		}
		if strings.HasPrefix(name, ".") || strings.HasSuffix(name, "~") || slices.Contains(names, name) {
			continue
		}
		l.inv.strays = append(l.inv.strays, stray{filepath.Join(dir.path, file), kind, name, names})
	}
}

// WarnStrays warns of files of variables that are nobody's.
func (i *Inventory) WarnStrays(p *config.Problems) { i.checkStrays(p, false) }

// checkStrays is WarnStrays for a run, where a file that is called nearly as a
// group of the roles is refused: its settings would be lost.
func (i *Inventory) checkStrays(p *config.Problems, refuse bool) {
	for _, s := range i.strays {
		tell := p.Warn
		if refuse && s.kind == "group" && builtByRoles(nearlyConventional(s.name)) {
			tell = p.Add
		}
		tell(config.Pos{File: s.path}, "", "no %s is called %q%s", s.kind, s.name, config.DidYouMean(s.name, s.names))
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
