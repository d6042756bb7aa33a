package inventory

import (
	"fmt"
	"slices"
	"strings"

	"github.com/pgrun/pgrun/config"
	"gopkg.in/yaml.v3"
)

// CheckKeys reports variables, groups and files of variables that are called
// nearly as what the roles know, and warns once of all variables that nobody
// reads: an inventory may be shared with other programs. known are the names of
// the roles. All files are checked, those of groups without hosts too.
func (i *Inventory) CheckKeys(known []string, p *config.Problems) {
	i.checkGroups(p)
	i.checkStrays(p, true)
	c := checker{
		inv: i, problems: p, known: append(slices.Clone(known), "address", "custom"),
		seen: map[*yaml.Node]bool{}, unknown: map[string]bool{}, unfollowed: map[string]bool{},
	}
	for _, g := range i.groups {
		c.layers(g.own)
		for _, layers := range g.files {
			c.layers(layers)
		}
	}
	for _, h := range i.Hosts {
		c.layers(h.layers)
	}
	c.layers(i.extra)
	c.warn()
}

type checker struct {
	inv      *Inventory
	problems *config.Problems
	known    []string

	seen                map[*yaml.Node]bool // layers: hosts share them
	unknown, unfollowed map[string]bool
}

func (c checker) layers(layers []layer) {
	for _, layer := range layers {
		if c.seen[layer.node] {
			continue
		}
		c.seen[layer.node] = true
		for at := 0; at+1 < len(layer.node.Content); at += 2 {
			c.key(layer.node.Content[at])
		}
	}
}

func (c checker) key(key *yaml.Node) {
	name := key.Value
	pos := c.inv.Files.Pos(key)
	switch {
	case slices.Contains(c.known, name), slices.Contains(connectionVars(), name), slices.Contains(ignoredVars(), name),
		interpreter.MatchString(name):
	case slices.Contains(notFollowed(), name):
		c.unfollowed[name] = true
	case near(name, c.known) != "":
		c.problems.Add(pos, "", "unknown variable %q (did you mean %q?)", name, near(name, c.known))
	case near(name, connectionVars()) != "":
		c.problems.Add(pos, "", "unknown connection variable %q (did you mean %q?)", name, near(name, connectionVars()))
	case pos.File == "-e": // written for this run, which would go on without it
		c.problems.Add(pos, "", "unknown variable %q%s: no role reads it", name, didYouMean(name, c.known))
	default:
		c.unknown[name] = true
	}
}

// warn tells of the variables that are passed over: once, however many there
// are.
func (c checker) warn() {
	if len(c.unknown) > 0 {
		c.problems.Warn(config.Pos{}, "", "no role knows %s: %s", these(c.unknown), listed(c.unknown))
	}
	if len(c.unfollowed) > 0 {
		c.problems.Warn(config.Pos{}, "", "pgrun does not follow %s of Ansible: %s", these(c.unfollowed), listed(c.unfollowed))
	}
}

func these(names map[string]bool) string {
	if len(names) == 1 {
		return "this variable"
	}
	return fmt.Sprintf("these %d variables", len(names))
}

// listed is the names, sorted, as many as can be read.
func listed(names map[string]bool) string {
	const most = 20
	var list []string
	for name := range names {
		list = append(list, name)
	}
	slices.Sort(list)
	if more := len(list) - most; more > 0 {
		return fmt.Sprintf("%s and %d more", strings.Join(list[:most], ", "), more)
	}
	return strings.Join(list, ", ")
}

// didYouMean leaves out the list of all known names, which is long here.
func didYouMean(name string, known []string) string {
	if near := config.Nearest(name, known); near != "" {
		return " (did you mean \"" + near + "\"?)"
	}
	return ""
}
