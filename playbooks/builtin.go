package playbooks

import "embed"

//go:embed *.yml
var builtIn embed.FS

// BuiltIns returns the names of the built-in playbooks, sorted.
func BuiltIns() []string {
	entries, err := builtIn.ReadDir(".")
	if err != nil {
		return nil
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

// BuiltIn returns the text of a built-in playbook.
func BuiltIn(name string) ([]byte, error) { return builtIn.ReadFile(name) }
