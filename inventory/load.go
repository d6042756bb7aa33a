package inventory

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/pgrun/pgrun/config"
	"gopkg.in/yaml.v3"
)

// maxHosts bounds what ranges expand to.
const maxHosts = 100_000

// deepest bounds folders in folders: a link may lead back.
const deepest = 10

type loader struct {
	inv      *Inventory
	problems *config.Problems
	files    int // that sources are
}

// ignored are the files of a folder of inventories that Ansible passes over.
var ignored = regexp.MustCompile(`^\.|^(host_vars|group_vars|vars_plugins)$|(~|\.(pyc|pyo|swp|bak|rpm|md|txt|rst|orig|cfg|retry))$`)

// source reads an inventory file, or all of a folder, sorted by name.
func (l *loader) source(path string, depth int) {
	info, err := os.Stat(path)
	if err != nil || !info.IsDir() {
		l.file(path, info)
		return
	}
	if depth > deepest {
		l.problems.Add(config.Pos{File: path}, "", "is more than %d folders deep: does a link lead back?", deepest)
		return
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		l.unreadable(path, err)
		return
	}
	before := l.files
	for _, entry := range entries {
		if !ignored.MatchString(entry.Name()) {
			l.source(filepath.Join(path, entry.Name()), depth+1)
		}
	}
	if depth == 0 && l.files == before && !holdsVars(entries) {
		l.problems.Add(config.Pos{File: path}, "", "the folder holds no inventory file")
	}
}

// holdsVars says whether a folder is one for its variables.
func holdsVars(entries []os.DirEntry) bool {
	return slices.ContainsFunc(entries, func(e os.DirEntry) bool { return e.Name() == "group_vars" || e.Name() == "host_vars" })
}

func (l *loader) file(path string, info os.FileInfo) {
	l.files++
	if info == nil && strings.Contains(path, ",") {
		l.problems.Add(config.Pos{File: path}, "", "a list of hosts is no inventory: write a file and name it with -i")
		return
	}
	if info != nil && info.Mode().IsRegular() && l.foreign(path) {
		return
	}
	const holds = "an inventory is a mapping of groups, all: {hosts: ..., children: ..., vars: ...}; pgrun init writes one to begin with"
	if root := l.inv.Files.LoadWith(path, holds, l.problems); root != nil {
		l.root(root)
		return
	}
	l.broken()
}

// A line of an INI inventory: [group], or a host with variables.
var (
	iniGroup = regexp.MustCompile(`^\[[\w.:-]+\]\s*([;#].*)?$`)
	iniHost  = regexp.MustCompile(`^[\w.:\[\]-]+(\s+\w+=(\S*|"[^"]*"|'[^']*'))+\s*([;#].*)?$`)
)

const ini = "is an INI inventory: write it as YAML, or let ansible-inventory -i FILE --list --yaml --export convert it"

// foreign refuses what Ansible would read in another way than as YAML.
func (l *loader) foreign(path string) bool {
	file, err := os.Open(path)
	if err != nil {
		return false // Load tells
	}
	defer file.Close()
	head := make([]byte, 4096)
	n, _ := file.Read(head)
	head = head[:n]
	if bytes.HasPrefix(head, []byte("#!")) {
		l.problems.Add(config.Pos{File: path, Line: 1}, "", "is a script: dynamic inventories are not run; write a YAML inventory")
		return true
	}
	for i, line := range strings.Split(string(head), "\n") {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' || line[0] == ';' {
			continue
		}
		if iniGroup.MatchString(line) || iniHost.MatchString(line) {
			l.problems.Add(config.Pos{File: path, Line: i + 1}, "", ini)
			l.broken()
			return true
		}
		break
	}
	return false
}

func (l *loader) problem(n *yaml.Node, path, format string, args ...any) {
	l.problems.Add(l.inv.Files.Pos(n), path, format, args...)
}

// root reads the groups at the top of a file.
func (l *loader) root(root *yaml.Node) {
	switch root.Kind {
	case yaml.MappingNode:
	case yaml.ScalarNode:
		l.lost(root, "", "is a text, and no YAML inventory (all: {hosts: {db1: ...}}); other files do not belong into a folder of inventories")
		return
	default:
		l.lost(root, "", "an inventory is a mapping of groups: all: {hosts: ..., children: ..., vars: ...}")
		return
	}
	if key, _ := config.Get(root, "plugin"); key != nil {
		l.problem(key, "", "inventory plugins are not run: write the hosts")
		return
	}
	for i := 0; i+1 < len(root.Content); i += 2 {
		l.members(root.Content[i], root.Content[i+1], "")
	}
}
