package command

import (
	"os"

	"github.com/pgrun/pgrun/runner/report"
	"github.com/urfave/cli/v2"
	"golang.org/x/term"
)

// reporter makes what the flags ask for.
func (p *program) reporter(c *cli.Context) (report.Reporter, error) {
	reporters := []report.Reporter{p.view(c)}
	if path := c.String("log-file"); path != "" {
		log, err := report.Log(path)
		if err != nil {
			return nil, usageError{err}
		}
		reporters = append(reporters, log)
	}
	return report.Multi(reporters...), nil
}

func (p *program) view(c *cli.Context) report.Reporter {
	o := report.Options{Verbose: c.Bool("verbose"), Diff: c.Bool("diff"), Check: c.Bool("check")}
	switch {
	case c.String("output") == "json":
		return report.JSON(p.stdout)
	case !isTerminal(p.stdout) || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb":
		return report.Plain(p.stdout, o)
	}
	o.Color = true
	return report.Terminal(p.stdout, func() (int, int) { return size(p.stdout) }, o)
}

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

func size(f *os.File) (columns, rows int) {
	columns, rows, err := term.GetSize(int(f.Fd()))
	if err != nil || columns < 1 || rows < 1 {
		return 80, 24
	}
	return columns, rows
}
