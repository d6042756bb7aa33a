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
		return c.Args().First(), nil
	}
	return "", usagef("one playbook at a time: %s (import_playbook joins several)", strings.Join(c.Args().Slice(), ", "))
}
