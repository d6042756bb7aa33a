package ssh

import (
	"errors"
	"fmt"
	"strings"
)

// arguments are the options of an ssh command line: of
// ansible_ssh_common_args, or of a ProxyCommand.
type arguments struct {
	settings
	forward  bool     // -W and a host are allowed: a ProxyCommand
	forwards string   // of -W
	operands []string // the host
}

// parse reads the words after "ssh".
func (a *arguments) parse(words []string) error {
	for len(words) > 0 {
		word := words[0]
		words = words[1:]
		if len(word) < 2 || word[0] != '-' {
			if !a.forward {
				return fmt.Errorf("%q is not an option of ssh", word)
			}
			a.operands = append(a.operands, word)
			continue
		}
		letter, value := word[1], word[2:]
		if strings.IndexByte("qvTCaxA46", letter) >= 0 {
			if err := allFlags(word); err != nil {
				return err
			}
			continue
		}
		if value == "" {
			if len(words) == 0 {
				return fmt.Errorf("%s: the value is missing", word)
			}
			value, words = words[0], words[1:]
		}
		if err := a.option(letter, value); err != nil {
			return err
		}
	}
	return nil
}

// allFlags checks a group of flags without a value, as -qC. -x and -a turn off
// what pgrun never does; -4 and -6 would change the way.
func allFlags(word string) error {
	for _, letter := range word[1:] {
		if letter == 'A' {
			return errors.New("-A: pgrun never forwards the agent; leave it out")
		}
		if !strings.ContainsRune("qvTCax", letter) {
			return fmt.Errorf("-%c: %w", letter, errOption)
		}
	}
	return nil
}

func (a *arguments) option(letter byte, value string) error {
	switch letter {
	case 'o':
		return a.keyword(value)
	case 'i':
		return a.set("IdentityFile", []string{value})
	case 'p':
		return a.set("Port", []string{value})
	case 'l':
		return a.set("User", []string{value})
	case 'J':
		return a.set("ProxyJump", []string{value})
	case 'F':
		setOnce(&a.configFile, value)
		return nil
	case 'W':
		if a.forward {
			a.forwards = value
			return nil
		}
	}
	return fmt.Errorf("-%c: %w", letter, errOption)
}

// keyword reads the value of -o: Key=Value or Key Value.
func (a *arguments) keyword(text string) error {
	key, values, err := parseLine(text)
	if err != nil {
		return fmt.Errorf("-o %s: %w", text, err)
	}
	if err := a.set(key, values); err != nil {
		return fmt.Errorf("-o %w", err)
	}
	return nil
}

// parseLine splits a line of ssh_config: a keyword, blanks or one =, and
// arguments, quoted or not. ProxyCommand takes the rest of the line as it is.
// An empty line and a comment have no keyword.
func parseLine(line string) (key string, values []string, err error) {
	line = strings.TrimSpace(line)
	if strings.HasPrefix(line, "#") {
		return "", nil, nil
	}
	end := strings.IndexAny(line, " \t=")
	if end <= 0 {
		return line, nil, nil
	}
	key, rest := line[:end], strings.TrimLeft(line[end:], " \t")
	rest = strings.TrimLeft(strings.TrimPrefix(rest, "="), " \t")
	if strings.EqualFold(key, "ProxyCommand") {
		return key, []string{strings.Trim(rest, `"`)}, nil
	}
	words := splitter{comments: true}
	values, err = words.split(rest)
	return key, values, err
}
