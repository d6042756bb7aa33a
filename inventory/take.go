package inventory

import (
	"github.com/pgrun/pgrun/config"
	"gopkg.in/yaml.v3"
)

// TakeExtra takes a variable of -e away from the hosts and returns its text: it
// is meant for an action, and no section of a role. given says whether there is
// one; of several the last counts.
func (i *Inventory) TakeExtra(name string, p *config.Problems) (value string, given bool) {
	for _, l := range i.extra {
		var kept []*yaml.Node
		for at := 0; at+1 < len(l.node.Content); at += 2 {
			key, node := l.node.Content[at], l.node.Content[at+1]
			if key.Value != name {
				kept = append(kept, key, node)
				continue
			}
			if node.Kind != yaml.ScalarNode {
				p.Add(i.Files.Pos(node), name, "must be one text: write -e %s=TEXT", name)
				continue
			}
			value, given = node.Value, true
		}
		l.node.Content = kept
	}
	return value, given
}
