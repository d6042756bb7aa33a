package inventory

import (
	"errors"
	"strings"
)

// split splits a line into words like a shell does: spaces part, quotes and
// backslashes protect; nothing is expanded.
func split(line string) ([]string, error) {
	var words []string
	for {
		line = strings.TrimLeft(line, " \t\n")
		if line == "" {
			return words, nil
		}
		word, rest, err := cutWord(line)
		if err != nil {
			return nil, err
		}
		words, line = append(words, word), rest
	}
}

// cutWord takes the first word off a line.
func cutWord(line string) (word, rest string, err error) {
	for line != "" && !strings.ContainsRune(" \t\n", rune(line[0])) {
		part := ""
		switch line[0] {
		case '\'':
			part, line, err = cutSingle(line[1:])
		case '"':
			part, line, err = cutDouble(line[1:])
		case '\\':
			part, line, err = cutEscaped(line[1:])
		default:
			part, line = line[:1], line[1:]
		}
		if err != nil {
			return "", "", err
		}
		word += part
	}
	return word, line, nil
}

func errOpen() error { return errors.New("a quote is not closed") }

func cutSingle(line string) (part, rest string, err error) {
	part, rest, closed := strings.Cut(line, "'")
	if !closed {
		err = errOpen()
	}
	return part, rest, err
}

// cutDouble reads up to the closing double quote; in it a backslash protects
// only what would mean something there.
func cutDouble(line string) (part, rest string, err error) {
	for at := 0; at < len(line); at++ {
		switch {
		case line[at] == '"':
			return part, line[at+1:], nil
		case line[at] == '\\' && at+1 < len(line) && strings.IndexByte("\"\\$`", line[at+1]) >= 0:
			at++
		}
		part += line[at : at+1]
	}
	return "", "", errOpen()
}

func cutEscaped(line string) (part, rest string, err error) {
	if line == "" {
		return "", "", errors.New("a backslash has nothing after it")
	}
	return line[:1], line[1:], nil
}
