package command

import (
	"errors"
	"io/fs"
	"os"
	"strings"

	"github.com/pgrun/pgrun/playbooks"
	"github.com/urfave/cli/v2"
)

// defaultInventory is taken when there is no -i.
const defaultInventory = "inventory.yml"

// sources are the inventories of -i.
func sources(c *cli.Context) ([]string, error) {
	if paths := c.StringSlice("inventory"); len(paths) > 0 {
		return paths, nil
	}
	if _, err := os.Stat(defaultInventory); errors.Is(err, fs.ErrNotExist) {
		return nil, usagef("no inventory: name one with -i, or write one with pgrun init")
	}
	return []string{defaultInventory}, nil
}

func splitTags(c *cli.Context, flag string) []string {
	var tags []string
	for _, text := range c.StringSlice(flag) {
		tags = append(tags, playbooks.SplitTags(text)...)
	}
	return tags
}

// playbookName is the one argument of a run.
func playbookName(c *cli.Context) (string, error) {
	switch c.NArg() {
	case 0:
		return "", usagef("which playbook? A file, or one that is built in: %s (pgrun --help)", strings.Join(playbooks.BuiltIns(), ", "))
	case 1:
		name := c.Args().First()
		if why := noVerb(name); why != "" {
			return "", usagef("there is no pgrun %s: %s", name, why)
		}
		return name, nil
	}
	return "", usagef("one playbook at a time: %s (import_playbook joins several)", strings.Join(c.Args().Slice(), ", "))
}

// noVerb says what to do instead of what a user of Ansible may look for.
func noVerb(name string) string {
	if _, err := os.Stat(name); err == nil {
		return "" // a playbook
	}
	switch name {
	case "vault":
		return "write secrets as !env NAME, !file PATH or !command [...] in the inventory"
	case "ping":
		return "pgrun site.yml --check logs in on every host and changes nothing"
	}
	return ""
}
