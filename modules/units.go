package modules

import (
	"path"
	"slices"
)

// UnitName adds .service to a name that names no kind of unit.
func UnitName(name string) string {
	kinds := []string{".service", ".socket", ".timer", ".mount", ".automount", ".target", ".path", ".slice", ".scope", ".swap", ".device"}
	if slices.Contains(kinds, path.Ext(name)) {
		return name
	}
	return name + ".service"
}
