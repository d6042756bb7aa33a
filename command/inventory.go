package command

import (
	"io"

	"github.com/pgrun/pgrun/config"
	"github.com/pgrun/pgrun/inventory"
	"github.com/urfave/cli/v2"
)

const inventoryHelp = `One of:
  --graph          groups and the hosts in them
  --host HOST      what is in force for a host, all levels merged
  --explain HOST   the same, with the line that set each value, and those that
                   it replaced
  --list           as JSON, like ansible-inventory --list: the values as
                   Ansible merges them, where a mapping replaces the one before;
                   in pgrun mappings merge, as --host and --explain show

  -i, --inventory FILE     inventory file or folder, may be repeated
                           (default: inventory.yml)
  -e, --extra-vars VARS    variables laid over all others

Secrets are not shown, but --list shows those that stand in plain text, as
ansible-inventory does.`

func (p *program) inventoryVerb() *cli.Command {
	return &cli.Command{
		Name: "inventory", Usage: "Shows what the inventory says",
		UsageText: "pgrun inventory --graph | --host HOST | --explain HOST | --list", Description: inventoryHelp,
		Flags: []cli.Flag{
			inventoryFlag(), extraFlag(),
			&cli.BoolFlag{Name: "graph"}, &cli.BoolFlag{Name: "list"},
			&cli.StringFlag{Name: "host"}, &cli.StringFlag{Name: "explain"},
		},
		Action: p.inventory,
	}
}

func (p *program) inventory(c *cli.Context) error {
	chosen := 0
	for _, name := range []string{"graph", "list", "host", "explain"} {
		if c.IsSet(name) {
			chosen++
		}
	}
	if chosen != 1 || c.Args().Present() {
		return usagef("inventory takes one of --graph, --host HOST, --explain HOST and --list (pgrun inventory --help)")
	}
	paths, err := sources(c)
	if err != nil {
		return err
	}
	problems := &config.Problems{}
	// Ansible takes the working folder for that of the playbook here.
	inv := inventory.LoadBeside(".", paths, c.StringSlice("extra-vars"), problems)
	inv.WarnStrays(problems)
	p.warn(problems)
	if err := problems.Err(); err != nil {
		return err
	}
	switch {
	case c.IsSet("host"):
		return p.showHost(inv, c.String("host"), inv.WriteHost)
	case c.IsSet("explain"):
		return p.showHost(inv, c.String("explain"), inv.Explain)
	case c.Bool("list"):
		return inv.List(p.stdout)
	}
	return inv.Graph(p.stdout)
}

// showHost shows one host, which must be named exactly.
func (p *program) showHost(inv *inventory.Inventory, name string, show func(io.Writer, *inventory.Host) error) error {
	var names []string
	for _, host := range inv.Hosts {
		if host.Name == name {
			return show(p.stdout, host)
		}
		names = append(names, host.Name)
	}
	return usagef("the inventory has no host %q%s", name, config.DidYouMean(name, names))
}
