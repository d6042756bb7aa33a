package command

import (
	"fmt"
	"strings"

	"github.com/pgrun/pgrun/config"
	"github.com/pgrun/pgrun/docs"
	"github.com/pgrun/pgrun/runner/control"
	"github.com/urfave/cli/v2"
)

func (p *program) roleVerb() *cli.Command {
	return &cli.Command{
		Name: "role", Usage: "Prints the keys of a role, their defaults and reasons",
		UsageText: "pgrun role [NAME]", Description: "Without a name: the roles and their actions.",
		Action: p.role,
	}
}

func (p *program) role(c *cli.Context) error {
	switch c.NArg() {
	case 0:
		_, err := fmt.Fprint(p.stdout, p.roleList())
		return err
	case 1:
	default:
		return usagef("role takes one name")
	}
	name := c.Args().First()
	if _, ok := p.registry.Find(name); !ok {
		return usagef("there is no role %q%s", name, config.DidYouMean(name, p.registry.Names()))
	}
	text, ok := docs.Role(name)
	if !ok {
		return usagef("role %s has no reference in this program", name)
	}
	_, err := fmt.Fprintln(p.stdout, strings.TrimSpace(text))
	return err
}

// roleList is each role with its actions.
func (p *program) roleList() string {
	var b strings.Builder
	for _, role := range control.Catalog(p.registry) {
		fmt.Fprintf(&b, "%s\n", role.Name)
		for _, action := range role.Actions {
			fmt.Fprintf(&b, "  %s", action.Name)
			if action.OneByOne {
				b.WriteString(", one host at a time")
			}
			b.WriteString("\n")
		}
	}
	return b.String()
}
