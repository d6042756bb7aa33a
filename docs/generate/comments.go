package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
)

const module = "github.com/pgrun/pgrun/"

// comments finds doc comments in the source below root, package by package.
type comments struct {
	root   string
	parsed map[string]map[string]string // by import path, then "Type.Field"
}

// of returns the comment on a field or method of a type; "" where the type is
// the package itself.
func (c *comments) of(path, typeName, member string) (string, error) {
	found, ok := c.parsed[path]
	if !ok {
		var err error
		if found, err = c.parse(path); err != nil {
			return "", err
		}
		c.parsed[path] = found
	}
	return found[typeName+"."+member], nil
}

func (c *comments) parse(path string) (map[string]string, error) {
	rest, ours := strings.CutPrefix(path, module)
	if !ours {
		return nil, fmt.Errorf("%s is not pgrun's: its types cannot be keys", path)
	}
	dir := filepath.Join(c.root, filepath.FromSlash(rest))
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	found := map[string]string{}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, e.Name()), nil, parser.ParseComments)
		if err != nil {
			return nil, err
		}
		note(found, file)
	}
	return found, nil
}

func note(found map[string]string, file *ast.File) {
	if file.Doc != nil {
		found["."] = file.Doc.Text()
	}
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if name := receiver(d); name != "" {
				found[name+"."+d.Name.Name] = d.Doc.Text()
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				noteFields(found, spec)
			}
		}
	}
}

func receiver(d *ast.FuncDecl) string {
	if d.Recv == nil || len(d.Recv.List) != 1 {
		return ""
	}
	of := d.Recv.List[0].Type
	if star, ok := of.(*ast.StarExpr); ok {
		of = star.X
	}
	if name, ok := of.(*ast.Ident); ok {
		return name.Name
	}
	return ""
}

func noteFields(found map[string]string, spec ast.Spec) {
	declared, ok := spec.(*ast.TypeSpec)
	if !ok {
		return
	}
	fields, ok := declared.Type.(*ast.StructType)
	if !ok {
		return
	}
	for _, f := range fields.Fields.List {
		text := f.Doc.Text()
		if text == "" {
			text = f.Comment.Text()
		}
		for _, name := range f.Names {
			found[declared.Name.Name+"."+name.Name] = text
		}
	}
}
