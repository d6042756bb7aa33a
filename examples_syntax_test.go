package main_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/config"
)

// Of pgrun's own inventories one character that YAML needs is deleted at a
// time. Where that is an error of syntax, the message names the line of the
// deletion, or the next where only that one tells.
func TestSyntaxErrorsAreShownWhereTheyAre(t *testing.T) {
	right, total := 0, 0
	for name, text := range ownInventories(t) {
		for at, c := range text {
			if !strings.ContainsRune("{}[]\"':", c) || inComment(text, at) {
				continue
			}
			broken := text[:at] + text[at+1:]
			line, message := syntaxError(broken)
			if message == "" {
				continue
			}
			total++
			truth := strings.Count(text[:at], "\n") + 1
			if line == truth || line == truth+1 {
				right++
				continue
			}
			t.Errorf("%s: without the %c in line %d line %d is named: %s", name, c, truth, line, message)
		}
	}
	t.Logf("%d of %d are right", right, total)
	if total < 150 {
		t.Errorf("only %d mutations are errors", total)
	}
}

func ownInventories(t *testing.T) map[string]string {
	t.Helper()
	texts := map[string]string{}
	for _, path := range []string{"playbooks/examples/reference.yml", "playbooks/examples/simple.yml", "command/starter.yml"} {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		texts[path] = string(text)
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(readme), "\n```yaml\nall:\n")
	example, _, _ := strings.Cut(rest, "\n```\n")
	texts["README.md"] = "all:\n" + example + "\n"
	return texts
}

func inComment(text string, at int) bool {
	begin := strings.LastIndexByte(text[:at], '\n') + 1
	return strings.Contains(" "+text[begin:at], " #")
}

// syntaxError returns the line and text of the problem that a text has when it
// is no YAML at all.
func syntaxError(text string) (line int, message string) {
	var files config.Files
	var problems config.Problems
	if files.Parse("f.yml", []byte(text), &problems) != nil {
		return 0, ""
	}
	message = fmt.Sprint(problems.Err())
	parts := strings.SplitN(message, ":", 3)
	line, _ = strconv.Atoi(parts[1])
	return line, message
}
