package inventory_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/pgrun/pgrun/config"
	"github.com/pgrun/pgrun/inventory"
)

// The golden files are what ansible-inventory 2.19 prints with --playbook-dir,
// and ansible-playbook uses; its default is the working folder.
func TestVariablesBesideThePlaybookEqualAnsible(t *testing.T) {
	for name, c := range map[string]struct {
		playbook string
		sources  []string
	}{
		"folder": {".", []string{"inventories/prod/hosts.yml"}},
		"plays":  {"plays", []string{"inventories/prod/hosts.yml"}},
		"again":  {"inventories/prod", []string{"inventories/prod/hosts.yml", "inventories/shared/"}},
		"twice":  {"plays", []string{"inventories/shared/", "inventories/prod/hosts.yml", "inventories/shared/"}},
	} {
		root := "testdata/beside"
		var paths []string
		for _, source := range c.sources {
			paths = append(paths, filepath.Join(root, source))
		}
		var p config.Problems
		inv := inventory.LoadBeside(filepath.Join(root, c.playbook), paths, nil, &p)
		if err := p.Err(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		golden(t, filepath.Join(root, name+".json.golden"), inv.List)
	}
}

func TestVariablesInTheWorkingFolderThatNobodyReads(t *testing.T) {
	t.Chdir(write(t, map[string]string{"inv/i.yml": "all: {hosts: {db1: {}}}", "plays/site.yml": "", "group_vars/all.yml": "", "inv/host_vars/db1": ""}))
	for folder, want := range map[string]int{".": 0, "": 1, "plays": 1} {
		var p config.Problems
		inventory.LoadBeside(folder, []string{"inv/i.yml"}, nil, &p).WarnUnread(&p)
		w := p.Warnings()
		if len(w) != want || want > 0 && w[0].String() != "group_vars: is not read: move it beside the inventory or the playbook" {
			t.Errorf("%q: %v", folder, w)
		}
	}
}

// TestFoldersOfInventories: one that holds nothing is a mistake; one without
// hosts, or with variables only, is not.
func TestFoldersOfInventories(t *testing.T) {
	folder := write(t, map[string]string{
		"hosts.yml": "all: {hosts: {db1: {}}}", "common/all.yml": "all: {vars: {custom: {a: 1}}}",
		"vars/group_vars/all.yml": "custom: {b: 2}", "empty/README.md": "",
	})
	for source, want := range map[string]string{"common": "", "vars": "", "empty": "empty: the folder holds no inventory file"} {
		for _, order := range [][]string{{source, "hosts.yml"}, {"hosts.yml", source}} {
			var paths []string
			for _, name := range order {
				paths = append(paths, filepath.Join(folder, name))
			}
			var p config.Problems
			inv := inventory.Load(paths, nil, &p)
			got := ""
			if err := p.Err(); err != nil {
				got = err.Error()
			}
			if !strings.HasSuffix(got, want) || want == "" && (got != "" || inv.Hosts[0].Section("custom") == nil) {
				t.Errorf("%v: %q", order, got)
			}
		}
	}
}
