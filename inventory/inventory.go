package inventory

import (
	"github.com/pgrun/pgrun/config"
	"gopkg.in/yaml.v3"
)

// Conventional are the groups that the roles know. An inventory need not have
// them all: a pattern may name one that is not there.
func Conventional() []string { return []string{"etcd", "postgres", "balancers", "backup", "monitor"} }

// Host is a host with its merged variables.
type Host struct {
	Name   string
	Groups []string // all it is in, without "all"; in the inventory's order
	Vars   *yaml.Node

	pos    config.Pos
	own    []layer  // beside its name in the inventory files
	direct []*group // that list it
	layers []layer  // all of which Vars is merged, lowest first
}

// Pos is where the inventory first names the host.
func (h *Host) Pos() config.Pos { return h.pos }

// Section returns the node of a role's section, nil when there is none.
func (h *Host) Section(name string) *yaml.Node {
	_, value := config.Get(h.Vars, name)
	return value
}

// Inventory is the merged inventory.
type Inventory struct {
	Hosts []*Host
	Files *config.Files
	Paths []string // that it was read from

	groups []*group // in the inventory's order; all and ungrouped first
	byName map[string]*group
	hosts  map[string]*Host
	extra  []layer

	broken  bool     // parts could not be read
	folders []string // in which group_vars and host_vars may lie
	strays  []stray
}

// Host returns the host of a name, nil when there is none.
func (i *Inventory) Host(name string) *Host { return i.hosts[name] }

// group is a group as the files define it.
type group struct {
	name     string
	pos      config.Pos
	own      []layer
	files    [][]layer // from group_vars, by folder
	children []*group
	parents  []*group
	hosts    []*Host // that it lists itself
	priority int     // ansible_group_priority, 1 by default
	depth    int
	place    int // in the inventory's order
}

// layer is a mapping of variables and whose it is: "group etcd".
type layer struct {
	of   string
	node *yaml.Node
}

// Load is LoadBeside without a folder of a playbook.
func Load(paths, extra []string, p *config.Problems) *Inventory {
	return LoadBeside("", paths, extra, p)
}

// LoadBeside reads the sources in order, then group_vars and host_vars beside
// them, then those in the folder of the playbook ("" for none), and lays the
// extra variables (-e) on top: "name=value ...", YAML or JSON in braces, or
// @file. A source is a file, or a folder of them. It never returns nil; p says
// what is wrong.
func LoadBeside(playbook string, paths, extra []string, p *config.Problems) *Inventory {
	inv := &Inventory{Files: &config.Files{}, Paths: paths, byName: map[string]*group{}, hosts: map[string]*Host{}}
	l := loader{inv: inv, problems: p}
	l.group("all", config.Pos{})
	l.group("ungrouped", config.Pos{})
	l.child(inv.byName["all"], inv.byName["ungrouped"], config.Pos{})
	if len(paths) == 0 {
		p.Add(config.Pos{}, "", "no inventory is given: name it with -i inventory.yml")
	}
	for _, path := range paths {
		l.source(path, 0)
	}
	l.reconcile()
	inv.folders = l.folders(paths, playbook)
	l.groupVars(inv.folders)
	hostFiles := l.hostVars(inv.folders)
	l.extras(extra)
	for _, h := range inv.Hosts {
		l.finish(h, hostFiles[h.Name])
	}
	return inv
}
