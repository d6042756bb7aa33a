package ssh

import (
	"fmt"
	"strings"
)

// quote makes one word of a POSIX shell out of any text: the only place where a
// value meets a remote shell. fish and csh read such words likewise. A NUL
// cannot be in an argument.
func quote(word string) (string, error) {
	if strings.ContainsRune(word, 0) {
		return "", fmt.Errorf("argument %q has a NUL", word)
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'", nil
}

// commandLine makes a line for the login shell out of an argv.
func commandLine(argv ...string) (string, error) {
	words := make([]string, len(argv))
	for i, word := range argv {
		quoted, err := quote(word)
		if err != nil {
			return "", err
		}
		words[i] = quoted
	}
	return "exec " + strings.Join(words, " "), nil
}
