package command

import (
	"slices"

	"github.com/urfave/cli/v2"
)

// arrange puts flags before the arguments, since cli takes none after the
// first argument, and the verb before both. Letters may be joined (-CD), and
// a value may stick to its letter (-f5); each flag becomes --name or
// --name=value.
func arrange(app *cli.App, args []string) ([]string, error) {
	if len(args) == 0 {
		return args, nil
	}
	flags, arranged := app.Flags, args[:1:1]
	verb := verbIn(app, args[1:])
	if verb != nil {
		flags = verb.Flags
		arranged = append(arranged, verb.Name)
	}
	a := arrangement{known: names(flags)}
	if err := a.take(args[1:]); err != nil {
		return nil, err
	}
	if verb != nil {
		a.arguments = a.arguments[1:]
	}
	if slices.Contains(a.flags, "--help") {
		return append(arranged, "--help"), nil
	}
	if slices.Contains(a.flags, "--version") {
		return []string{args[0], "version", "--"}, nil
	}
	arranged = append(arranged, a.flags...)
	return append(append(arranged, "--"), a.arguments...), nil
}

// verbIn finds the verb: the first argument that neither is a flag nor a
// flag's value.
func verbIn(app *cli.App, args []string) *cli.Command {
	known := names(app.Flags)
	for _, c := range app.Commands {
		for name, f := range names(c.Flags) {
			known[name] = f
		}
	}
	a := arrangement{known: known, lenient: true}
	_ = a.take(args)
	if len(a.arguments) == 0 {
		return nil
	}
	return app.Command(a.arguments[0])
}
