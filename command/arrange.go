package command

import (
	"slices"
	"strings"

	"github.com/pgrun/pgrun/config"
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

// flag is what arranging has to know of a flag.
type flag struct {
	name  string // the long one
	value bool   // takes a value
}

func names(flags []cli.Flag) map[string]flag {
	known := map[string]flag{"help": {name: "help"}, "h": {name: "help"}}
	for _, f := range flags {
		_, boolean := f.(*cli.BoolFlag)
		for _, name := range f.Names() {
			known[name] = flag{name: f.Names()[0], value: !boolean}
		}
	}
	return known
}

type arrangement struct {
	known            map[string]flag
	lenient          bool // unknown flags are passed over
	flags, arguments []string
}

func (a *arrangement) take(args []string) error {
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		var err error
		switch {
		case arg == "--":
			a.arguments = append(a.arguments, args...)
			return nil
		case strings.HasPrefix(arg, "--"):
			args, err = a.long(arg[2:], args)
		case strings.HasPrefix(arg, "-") && arg != "-":
			args, err = a.letters(arg[1:], args)
		default:
			a.arguments = append(a.arguments, arg)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// long takes --name, --name=value or --name value, and returns what is left.
func (a *arrangement) long(text string, rest []string) ([]string, error) {
	name, value, has := strings.Cut(text, "=")
	f, ok := a.known[name]
	switch {
	case !ok || len(name) == 1:
		return rest, a.unknown("--"+name, name)
	case f.value && !has && len(rest) == 0:
		return rest, a.lacking("--" + name)
	case f.value && !has:
		value, rest, has = rest[0], rest[1:], true
	}
	a.add(f, value, has)
	return rest, nil
}

// letters takes -x, -xyz, -xvalue or -x value.
func (a *arrangement) letters(text string, rest []string) ([]string, error) {
	for i, letter := range text {
		name := string(letter)
		f, ok := a.known[name]
		if !ok {
			return rest, a.unknown("-"+text, name)
		}
		if !f.value {
			a.add(f, "", false)
			continue
		}
		value := strings.TrimPrefix(text[i+len(name):], "=")
		if value == "" {
			if len(rest) == 0 {
				return rest, a.lacking("-" + name)
			}
			value, rest = rest[0], rest[1:]
		}
		a.add(f, value, true)
		return rest, nil
	}
	return rest, nil
}

func (a *arrangement) add(f flag, value string, has bool) {
	text := "--" + f.name
	if has {
		text += "=" + value
	}
	a.flags = append(a.flags, text)
}

func (a *arrangement) unknown(shown, name string) error {
	if a.lenient {
		return nil
	}
	if why := refusedFlag(name); why != "" {
		return usagef("%s: %s", shown, why)
	}
	var all []string
	for name := range a.known {
		if len(name) > 1 {
			all = append(all, name)
		}
	}
	if near := config.Nearest(name, all); near != "" && len(name) > 1 {
		return usagef("unknown flag %s (did you mean --%s?)", shown, near)
	}
	return usagef("unknown flag %s (pgrun --help lists them)", shown)
}

func (a *arrangement) lacking(shown string) error {
	if a.lenient {
		return nil
	}
	return usagef("%s needs a value", shown)
}
