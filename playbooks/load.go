package playbooks

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

// Imports can multiply.
const (
	maxPlays   = 1000
	maxImports = 5 * maxPlays
)

// Load reads a playbook and all that it imports. A name without a folder that
// is no file here is the built-in playbook of that name. What is wrong goes to
// the problems; what is returned then holds what could be understood.
func Load(path string, files *config.Files, p *config.Problems) *Playbook {
	l := &loader{files: files, problems: p}
	book := &Playbook{Path: path}
	book.BuiltIn = l.load(source{written: path, path: path}, config.Pos{File: path}, nil)
	book.Plays = l.plays
	return book
}

// source is a playbook file, or a built-in playbook.
type source struct {
	written string // as it was named
	path    string // of the file
	builtIn bool
}

type loader struct {
	files    *config.Files
	problems *config.Problems
	open     []source // being loaded: the importing files, outermost first
	plays    []Play
	tooMany  bool
	imports  int
}

// load reads one source; from is where it is named, inherited the tags of its
// import. It says whether it was a built-in playbook.
func (l *loader) load(s source, from config.Pos, inherited []string) (builtIn bool) {
	root, s, ok := l.read(s, from)
	if !ok {
		return s.builtIn
	}
	l.open = append(l.open, s)
	defer func() { l.open = l.open[:len(l.open)-1] }()
	l.playbook(root, s, inherited)
	return s.builtIn
}

func (l *loader) read(s source, from config.Pos) (*yaml.Node, source, bool) {
	if _, err := os.Stat(s.path); errors.Is(err, fs.ErrNotExist) {
		s.builtIn = true
	}
	if slices.ContainsFunc(l.open, s.same) {
		l.problems.Add(from, "import_playbook", "the playbook imports itself: %s", l.chain(s))
		return nil, s, false
	}
	if !s.builtIn {
		root := l.files.LoadWith(s.path, `a playbook is a list of plays, each "- hosts: etcd" with "roles: [...]" below it`, l.problems)
		return root, s, root != nil
	}
	text, err := BuiltIn(s.written) // none has a folder in its name
	if err != nil {
		s.builtIn = false
		l.missing(s, from)
		return nil, s, false
	}
	root := l.files.Parse("built-in "+s.written, text, l.problems)
	return root, s, root != nil
}

// missing reports a playbook that is neither a file nor built in.
func (l *loader) missing(s source, from config.Pos) {
	base, hint := filepath.Base(s.written), "; built in are "+strings.Join(BuiltIns(), ", ")
	near := config.Nearest(base, BuiltIns())
	switch {
	case near == base:
		hint = "; the built-in one is named without a folder: " + base
	case near != "":
		hint = " (did you mean the built-in " + near + "?)"
	}
	l.problems.Add(from, "", "there is no playbook %q%s", s.written, hint)
}

// same compares where two sources are, however they are written.
func (s source) same(other source) bool {
	if s.builtIn || other.builtIn {
		return s.builtIn == other.builtIn && s.written == other.written
	}
	a, errA := os.Stat(s.path)
	b, errB := os.Stat(other.path)
	return errA == nil && errB == nil && os.SameFile(a, b)
}

func (l *loader) chain(last source) string {
	var names []string
	for _, s := range append(slices.Clone(l.open), last) {
		names = append(names, filepath.Base(s.path))
	}
	return strings.Join(names, " imports ")
}
