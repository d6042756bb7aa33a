package inventory

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/pgrun/pgrun/config"
	"gopkg.in/yaml.v3"
)

// WriteHost writes a host's merged variables as YAML. Values whose names say
// that they are secret are hidden.
func (i *Inventory) WriteHost(w io.Writer, h *Host) error {
	var text strings.Builder
	encoder := yaml.NewEncoder(&text)
	encoder.SetIndent(2)
	if err := encoder.Encode(shown(h.Vars)); err != nil {
		return fmt.Errorf("host %s: %w", h.Name, err)
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// Explain writes each value of a host, the line that set it, and the values
// that it replaced, highest first.
func (i *Inventory) Explain(w io.Writer, h *Host) error {
	var text strings.Builder
	fmt.Fprintf(&text, "%s: %s\n", h.Name, strings.Join(append([]string{"all"}, h.Groups...), ", "))
	for _, leaf := range leaves(h.Vars, nil) {
		first := true
		for _, layer := range slices.Backward(h.layers) {
			n := exact(layer.node, leaf)
			if n == nil {
				continue
			}
			if first {
				fmt.Fprintf(&text, "%s: %s\n", keyPath(leaf), inline(leaf, n))
				fmt.Fprintf(&text, "    %s (%s)\n", i.Files.Pos(n), layer.of)
				first = false
				continue
			}
			fmt.Fprintf(&text, "    over %s: %s (%s)\n", inline(leaf, n), i.Files.Pos(n), layer.of)
		}
	}
	_, err := io.WriteString(w, config.Printable(text.String()))
	return err
}

// keyPath joins keys; one that could be taken for something else is quoted.
func keyPath(keys []string) string {
	var shown []string
	for _, key := range keys {
		if key == "" || strings.ContainsFunc(key, func(r rune) bool { return !unicode.IsPrint(r) }) {
			key = strconv.Quote(key)
		}
		shown = append(shown, key)
	}
	return strings.Join(shown, ".")
}

// leaves returns the key paths of all values that are not mappings with keys.
func leaves(n *yaml.Node, path []string) [][]string {
	if n.Kind != yaml.MappingNode || len(n.Content) == 0 {
		if path == nil {
			return nil
		}
		return [][]string{path}
	}
	var all [][]string
	for at := 0; at+1 < len(n.Content); at += 2 {
		all = append(all, leaves(n.Content[at+1], append(slices.Clone(path), n.Content[at].Value))...)
	}
	return all
}

// exact returns the node at a key path, nil when there is none.
func exact(n *yaml.Node, path []string) *yaml.Node {
	for _, name := range path {
		_, n = config.Get(n, name)
	}
	return n
}
