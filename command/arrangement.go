package command

import (
	"slices"
	"strings"

	"github.com/pgrun/pgrun/config"
	"github.com/urfave/cli/v2"
)

// flag is what arranging has to know of a flag.
type flag struct {
	name  string // the long one
	value bool   // takes a value
	many  bool   // may be repeated: all values count
}

func names(flags []cli.Flag) map[string]flag {
	known := map[string]flag{"help": {name: "help"}, "h": {name: "help"}, "version": {name: "version"}}
	for _, f := range flags {
		_, boolean := f.(*cli.BoolFlag)
		_, list := f.(*cli.StringSliceFlag)
		for _, name := range f.Names() {
			known[name] = flag{name: f.Names()[0], value: !boolean, many: list}
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
	case f.value && !has:
		return a.next(f, "--"+name, rest)
	}
	return rest, a.add(f, value, has)
}

// next takes a flag's value from the arguments that follow. A flag is none: a
// forgotten value would turn --check into the name of a log file.
func (a *arrangement) next(f flag, shown string, rest []string) ([]string, error) {
	switch {
	case len(rest) == 0:
		return rest, a.wrong("%s needs a value", shown)
	case len(rest[0]) > 1 && rest[0][0] == '-':
		return rest, a.wrong("%s needs a value; %s is a flag (one that begins with a dash is written %s=%s)", shown, rest[0], shown, rest[0])
	}
	return rest[1:], a.add(f, rest[0], true)
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
			_ = a.add(f, "", false)
			continue
		}
		value := text[i+len(name):]
		if value == "" {
			return a.next(f, "-"+name, rest)
		}
		return rest, a.add(f, strings.TrimPrefix(value, "="), true)
	}
	return rest, nil
}

// add takes a flag. An unset variable of a shell (-l "$HOST") must not mean all
// hosts, nor the last of two values both.
func (a *arrangement) add(f flag, value string, has bool) error {
	text := "--" + f.name
	if f.value {
		switch given := func(other string) bool { return strings.HasPrefix(other, text+"=") }; {
		case strings.Trim(value, " \t\n,") == "" && f.name != "extra-vars":
			return a.wrong("%s needs a value; this one is empty", text)
		case !f.many && slices.ContainsFunc(a.flags, given):
			return a.wrong("%s is given twice, and only one value counts: write them as one", text)
		}
	}
	if has {
		text += "=" + value
	}
	a.flags = append(a.flags, text)
	return nil
}

func (a *arrangement) unknown(shown, name string) error {
	if why := refusedFlag(name); why != "" {
		return a.wrong("%s: %s", shown, why)
	}
	var all []string
	for name := range a.known {
		if len(name) > 1 {
			all = append(all, name)
		}
	}
	if near := config.Nearest(name, all); near != "" && len(name) > 1 {
		return a.wrong("unknown flag %s (did you mean --%s?)", shown, near)
	}
	return a.wrong("unknown flag %s (pgrun --help lists them)", shown)
}

// wrong is an error, unless only the verb is looked for.
func (a *arrangement) wrong(format string, args ...any) error {
	if a.lenient {
		return nil
	}
	return usagef(format, args...)
}
