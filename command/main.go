package command

import (
	"errors"
	"fmt"
	"io"
	"os"
	"regexp"
	"runtime/debug"

	"github.com/pgrun/pgrun/config"
	"github.com/pgrun/pgrun/runner"
	"github.com/pgrun/pgrun/runner/report"
	"github.com/pgrun/pgrun/runner/worker"
	"github.com/urfave/cli/v2"
)

// Main runs the command line and returns the exit code. self and registry come
// from the program's main, so that a program with roles of its own has the
// whole command line too.
func Main(self worker.Self, registry runner.Registry, args []string) int {
	p := &program{self: self, registry: registry, stdout: os.Stdout, stderr: os.Stderr}
	return p.main(args)
}

// program is what the verbs share.
type program struct {
	self           worker.Self
	registry       runner.Registry
	stdout, stderr *os.File
}

// exitCode is an error whose cause has been told already.
type exitCode int

func (c exitCode) Error() string { return fmt.Sprintf("exit %d", int(c)) }

// usageError is a wrong command line.
type usageError struct{ error }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

func (p *program) main(args []string) (code int) {
	// The runtime's own exit code for a panic would be that of a failed host.
	defer func() {
		if r := recover(); r != nil {
			fmt.Fprintf(p.stderr, "pgrun: internal error: %v\n%s", r, debug.Stack())
			code = report.ExitInternal
		}
	}()
	app := p.app()
	args, err := arrange(app, args)
	if err == nil {
		err = app.Run(args)
	}
	return tell(p.stderr, err)
}

// tell prints an error and returns its exit code.
func tell(stderr io.Writer, err error) int {
	var code exitCode
	var usage usageError
	var problems *config.Error
	switch {
	case err == nil:
		return report.ExitOK
	case errors.As(err, &code):
		return int(code)
	case errors.As(err, &problems):
		fmt.Fprintf(stderr, "%v\npgrun: %s; no host was contacted\n", problems, count(len(problems.Problems), "problem"))
		return report.ExitInvalid
	case errors.As(err, &usage):
		fmt.Fprintf(stderr, "pgrun: %v\n", err)
		return report.ExitInvalid
	}
	fmt.Fprintf(stderr, "pgrun: %v\n", err)
	return report.ExitInternal
}

func (p *program) app() *cli.App {
	return &cli.App{
		Name:                      "pgrun",
		Usage:                     "build and run highly available PostgreSQL clusters",
		Flags:                     runFlags(),
		Action:                    p.run,
		Commands:                  p.verbs(),
		Writer:                    p.stdout,
		ErrWriter:                 p.stderr,
		HideVersion:               true,
		DisableSliceFlagSeparator: true, // a comma in -e or -i is not a separator
		ExitErrHandler:            func(*cli.Context, error) {},
		OnUsageError:              onUsageError,
		CustomAppHelpTemplate:     helpTemplate,
	}
}

// verbs are those beside running a playbook.
func (p *program) verbs() []*cli.Command {
	verbs := []*cli.Command{p.initVerb(), p.inventoryVerb(), p.roleVerb(), p.versionVerb()}
	for _, verb := range verbs {
		verb.OnUsageError, verb.CustomHelpTemplate, verb.HideHelpCommand = onUsageError, verbTemplate, true
	}
	return verbs
}

// onUsageError writes flags as this command line does.
func onUsageError(_ *cli.Context, err error, _ bool) error {
	return usagef("%s", oneDash.ReplaceAllString(err.Error(), " for --$1"))
}

var oneDash = regexp.MustCompile(` for (?:flag )?-(\w)`)
