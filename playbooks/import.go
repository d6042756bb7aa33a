package playbooks

import (
	"path/filepath"
	"slices"

	"gopkg.in/yaml.v3"
)

const importPlaybook = "import_playbook"

func isImport(key *yaml.Node) bool {
	return key.Value == importPlaybook || key.Value == "ansible.builtin."+importPlaybook
}

func (l *loader) imported(n *yaml.Node, s source, inherited []string) {
	var file *yaml.Node
	tags := slices.Clone(inherited)
	for _, p := range l.pairs(n, "", importKeys(), func(key string) string {
		if slices.Contains(playKeys(), key) {
			return "not beside import_playbook, which stands for whole plays"
		}
		return refusedPlayKey(key)
	}) {
		switch p.name {
		case importPlaybook:
			file = p.value
		case "tags":
			tags = append(tags, l.tags(p.value, "tags")...)
		}
	}
	name, ok := l.text(file, importPlaybook, "the name of a playbook")
	if !ok {
		return
	}
	if l.imports++; l.imports > maxImports {
		if l.imports == maxImports+1 {
			l.problem(file, importPlaybook, "more than %d imports", maxImports)
		}
		return
	}
	path := name
	if !filepath.IsAbs(name) && !s.builtIn {
		path = filepath.Join(filepath.Dir(s.path), name)
	}
	l.load(source{written: name, path: path, builtIn: s.builtIn}, l.files.Pos(file), tags)
}
