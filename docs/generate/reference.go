package main

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/pgrun/pgrun/runner"
)

const head = `# The roles

Each role is a section of the inventory. Its keys, their defaults and their
reasons are written here from the source by ` + "`make generate`" + `; ` + "`pgrun role NAME`" + `
shows a role's part. A key that is left out, or null, has its default.
`

// reference writes the reference of a registry whose source is below root.
func reference(root string, registry runner.Registry) (string, error) {
	c := &comments{root: root, parsed: map[string]map[string]string{}}
	var out strings.Builder
	out.WriteString(head)
	for _, entry := range registry {
		if err := writeRole(&out, c, entry); err != nil {
			return "", fmt.Errorf("role %s: %w", entry.Name, err)
		}
	}
	return out.String(), nil
}

func writeRole(out *strings.Builder, c *comments, entry runner.Entry) error {
	role := entry.New()
	v := reflect.ValueOf(role).Elem()
	about, err := c.of(v.Type().PkgPath(), "", "")
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\n## %s\n\n%s", entry.Name, sentence(about))
	if err := writeActions(out, c, role, v.Type()); err != nil {
		return err
	}
	if len(entry.Reads) > 0 {
		fmt.Fprintf(out, "\nReads the sections of %s on its host.\n", strings.Join(entry.Reads, ", "))
	}
	keys, err := keysOf(c, v, "")
	if err != nil {
		return err
	}
	for _, k := range keys {
		fmt.Fprintf(out, "\n- **%s**: %s", k.Name, k.Type)
		if k.Default != "" {
			fmt.Fprintf(out, ", default %s", k.Default)
		}
		out.WriteString("\n")
		for line := range strings.Lines(strings.TrimSpace(k.Meaning) + "\n") {
			out.WriteString(strings.TrimRight("  "+line, " \n") + "\n")
		}
	}
	return nil
}

func writeActions(out *strings.Builder, c *comments, role runner.Role, t reflect.Type) error {
	actor, ok := role.(runner.Actor)
	if !ok {
		return nil
	}
	var names []string
	for _, a := range actor.Actions() {
		name := "`" + a.Name + "`"
		if a.OneByOne {
			name += " (one host at a time)"
		}
		for _, p := range a.Takes {
			name += fmt.Sprintf(" (takes `%s`: %s)", p.Name, p.What)
		}
		names = append(names, name)
	}
	fmt.Fprintf(out, "\nActions: %s.\n", strings.Join(names, ", "))
	about, err := c.of(t.PkgPath(), t.Name(), "Actions")
	if err != nil {
		return err
	}
	if strings.HasPrefix(about, "Actions are ") { // else it says only what it is
		out.WriteString(about)
	}
	return nil
}

// sentence says "the role" where a package comment says "package x".
func sentence(comment string) string {
	words := strings.SplitN(comment, " ", 3)
	if len(words) == 3 && words[0] == "Package" {
		return "The role " + words[2]
	}
	return comment
}
