package command

import (
	_ "embed"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/urfave/cli/v2"
)

//go:embed starter.yml
var starter []byte

func (p *program) initVerb() *cli.Command {
	return &cli.Command{
		Name: "init", Usage: "Writes a commented starter inventory",
		UsageText: "pgrun init [FILE]", Description: "FILE is inventory.yml by default; one that exists is never overwritten.",
		Action: p.init,
	}
}

func (p *program) init(c *cli.Context) error {
	if c.NArg() > 1 {
		return usagef("init takes one file")
	}
	path := c.Args().First()
	if path == "" {
		path = defaultInventory
	}
	// O_EXCL: neither a file nor a link that is there already is written to.
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return usagef("%s is there already and stays as it is; name another file: pgrun init FILE", path)
	}
	if err != nil {
		return usagef("init: %v", err)
	}
	if _, err = f.Write(starter); err == nil {
		err = f.Close()
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	_, err = fmt.Fprintf(p.stdout, "wrote %s: fill in your hosts, then see what would happen:\n\n  pgrun site.yml -i %s --check\n", path, path)
	return err
}
