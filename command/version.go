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
	info, ok := debug.ReadBuildInfo()
	if !ok {
		info = &debug.BuildInfo{}
	}
	return fmt.Sprintf("pgrun %s %s %s/%s", describe(info), runtime.Version(), runtime.GOOS, runtime.GOARCH)
}

// describe is the module's version, which a build from a tag or by go install
// has, and the commit; without the first the commit alone.
func describe(info *debug.BuildInfo) string {
	revision, dirty := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = s.Value[:min(12, len(s.Value))]
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = "+dirty"
		}
	}
	version := info.Main.Version
	switch {
	case version != "" && version != "(devel)" && revision != "":
		return version + " (" + revision + dirty + ")"
	case version != "" && version != "(devel)":
		return version
	case revision != "":
		return "commit " + revision + dirty
	}
	return "without a version (it was built without version control)"
}
