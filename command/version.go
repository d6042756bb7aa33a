package command

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/urfave/cli/v2"
)

func (p *program) versionVerb() *cli.Command {
	return &cli.Command{
		Name: "version", Usage: "Prints the version", UsageText: "pgrun version",
		Action: func(c *cli.Context) error {
			if c.Args().Present() {
				return usagef("version takes no argument")
			}
			_, err := fmt.Fprintln(p.stdout, version())
			return err
		},
	}
}

// version is what the Go tool wrote into the binary.
func version() string {
	v, revision := "unknown", ""
	if info, ok := debug.ReadBuildInfo(); ok {
		v = info.Main.Version
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				revision = s.Value[:min(12, len(s.Value))] + " "
			}
		}
	}
	return fmt.Sprintf("pgrun %s %s%s %s/%s", v, revision, runtime.Version(), runtime.GOOS, runtime.GOARCH)
}
