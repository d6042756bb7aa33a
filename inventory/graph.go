package inventory

import (
	"fmt"
	"io"
	"strings"
)

// Graph writes the groups and hosts as a tree, like ansible-inventory --graph.
func (i *Inventory) Graph(w io.Writer) error {
	var text strings.Builder
	var draw func(g *group, depth int)
	line := func(name string, depth int) {
		if depth > 0 {
			name = strings.Repeat("  |", depth) + "--" + name
		}
		text.WriteString(name + "\n")
	}
	draw = func(g *group, depth int) {
		line("@"+g.name+":", depth)
		for _, child := range g.children {
			draw(child, depth+1)
		}
		if g.name == "all" {
			return
		}
		for _, h := range g.hosts {
			line(h.Name, depth+1)
		}
	}
	draw(i.byName["all"], 0)
	_, err := fmt.Fprint(w, text.String())
	return err
}
