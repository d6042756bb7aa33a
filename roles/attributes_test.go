package roles_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// What a file keeps of before is what somebody made of it: all that is written
// on a host says its owner, group and mode.
func TestEveryFileSaysItsAttributes(t *testing.T) {
	found := 0
	for _, root := range []string{".", "../modules"} {
		err := filepath.WalkDir(root, func(path string, _ fs.DirEntry, err error) error {
			if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			if rest, _ := filepath.Rel(root, path); strings.HasPrefix(rest, "fake/") || strings.HasPrefix(rest, "local/") || strings.HasPrefix(rest, "moduletest/") {
				return nil
			}
			set := token.NewFileSet()
			file, err := parser.ParseFile(set, path, nil, 0)
			if err != nil {
				return err
			}
			ast.Inspect(file, func(n ast.Node) bool {
				literal, ok := n.(*ast.CompositeLit)
				if !ok || !writes(literal.Type) || len(literal.Elts) == 0 {
					return true
				}
				found++
				if keys := keysOf(literal); !slices.Contains(keys, "Attributes") && !slices.Contains(keys, "Absent") {
					t.Errorf("%s: no owner, group and mode: say Attributes: modules.Root(0o644)", set.Position(n.Pos()))
				}
				return true
			})
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if found < 25 {
		t.Errorf("only %d files and folders were found", found)
	}
}

// writes says whether a type stands for a file or folder on a host.
func writes(expression ast.Expr) bool {
	name := ""
	switch e := expression.(type) {
	case *ast.Ident:
		name = e.Name
	case *ast.SelectorExpr:
		name = e.Sel.Name
	}
	return slices.Contains([]string{"File", "Template", "Directory", "Content"}, name)
}

func keysOf(literal *ast.CompositeLit) []string {
	var keys []string
	for _, element := range literal.Elts {
		if pair, ok := element.(*ast.KeyValueExpr); ok {
			keys = append(keys, pair.Key.(*ast.Ident).Name)
		}
	}
	return keys
}
