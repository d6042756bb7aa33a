package command

import (
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pgrun/pgrun/config"
	"github.com/pgrun/pgrun/playbooks"
	"github.com/urfave/cli/v2"
)

// checkTrust refuses files that others could change. Which file to follow is
// the user's decision where it is named; root's decisions weigh more, and what
// root is given by others is refused however it is named.
func checkTrust(c *cli.Context, playbook string, files *config.Files, problems *config.Problems) {
	files.CheckTrust(config.NewTrust(), func(path string) bool {
		return os.Geteuid() != 0 && named(c, playbook, path)
	}, problems)
}

// named says whether a file is one that the command line names, or is beside
// an inventory that it names.
func named(c *cli.Context, playbook, path string) bool {
	if path == playbook && !slices.Contains(playbooks.BuiltIns(), playbook) {
		return true
	}
	if slices.Contains(c.StringSlice("extra-vars"), "@"+path) {
		return true
	}
	return slices.ContainsFunc(c.StringSlice("inventory"), func(source string) bool {
		folder := source
		if info, err := os.Stat(source); err != nil || !info.IsDir() {
			folder = filepath.Dir(source)
		}
		below, err := filepath.Rel(folder, path)
		return err == nil && (path == source || folder != "." && below != ".." && !strings.HasPrefix(below, "../"))
	})
}
