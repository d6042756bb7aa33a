package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// A database belongs to its owner, and the owner may be hostile: what is not
// named by pg_catalog may be his. Script pins the search path; this is for the
// day when that fails.
func TestSQLNamesWhatItCallsByPgCatalog(t *testing.T) {
	texts := 0
	for _, s := range literals(t) {
		if !statement.MatchString(s.text) {
			continue
		}
		texts++
		for _, what := range unqualified(s.text) {
			t.Errorf("%s: %s in\n%s", s.place, what, s.text)
		}
	}
	if texts < 15 {
		t.Errorf("%d SQL texts were found: the test looks at the wrong places", texts)
	}
}

// Who runs psql otherwise runs it without the pins.
func TestPsqlIsRunByScriptOnly(t *testing.T) {
	for _, s := range literals(t) {
		if s.text == "psql" && !strings.HasPrefix(s.place, "modules/script.go:") && !strings.HasPrefix(s.place, "modules/readonly.go:") {
			t.Errorf("%s: write a modules.Script", s.place)
		}
	}
}

func TestUnqualified(t *testing.T) {
	for text, want := range map[string]string{
		"SELECT to_json(EXISTS (SELECT FROM pg_catalog.pg_roles));":                    "to_json is not named by pg_catalog",
		"SELECT pg_catalog.lower(a) FROM pg_catalog.pg_roles WHERE a = 'b';":           "the operator = is not named by pg_catalog",
		"SELECT a FROM pg_catalog.pg_roles WHERE a OPERATOR(pg_catalog.<>) 'b = c(d)'": "",
		"SELECT :'x'::json;":                                                                     "the type json is not named by pg_catalog",
		"SELECT :'x'::pg_catalog.json;":                                                          "",
		"SELECT a FROM pg_roles;":                                                                "pg_roles is not named by its schema",
		"SELECT a FROM pg_catalog.pg_roles r JOIN pg_authid a ON true":                           "pg_authid is not named by its schema",
		"WITH x AS (SELECT 1) SELECT FROM x":                                                     "",
		"SELECT a FROM pg_catalog.pg_roles WHERE a IN ('b')":                                     "IN calls the operator = of the search path",
		"SELECT a FROM pg_catalog.pg_roles WHERE a LIKE 'b'":                                     "LIKE calls the operator ~~ of the search path",
		"SELECT CASE WHEN a THEN coalesce(b, c) END FROM pg_catalog.pg_roles":                    "",
		"CREATE ROLE :\"name\" PASSWORD :'verifier' CONNECTION LIMIT :limit;\n":                  "",
		"GRANT EXECUTE ON FUNCTION pg_catalog.pg_ls_dir(text, boolean, boolean) TO :\"name\";\n": "",
		"SET a.b = 'c';": "",
	} {
		if got := strings.Join(unqualified(text), "; "); got != want {
			t.Errorf("%s\n%q, want %q", text, got, want)
		}
	}
}

type literal struct{ place, text string }

// literals are all strings of the product, joined where + joins them.
func literals(t *testing.T) []literal {
	t.Helper()
	var list []literal
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if entry != nil && entry.IsDir() && (path == "integration" || strings.HasPrefix(entry.Name(), ".") && path != ".") {
			return fs.SkipDir
		}
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			e, ok := n.(ast.Expr)
			if !ok {
				return true
			}
			text, ok := joined(e)
			if ok {
				list = append(list, literal{files.Position(e.Pos()).String(), text})
			}
			return !ok
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// joined is the text of a string; what is not known before the run is a name.
func joined(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		return text, err == nil && e.Kind == token.STRING
	case *ast.BinaryExpr:
		if e.Op != token.ADD {
			return "", false
		}
		left, ok := joined(e.X)
		right, also := joined(e.Y)
		switch {
		case ok && also:
			return left + right, true
		case ok:
			return left + ` :"unknown" `, true
		case also:
			return ` :"unknown" ` + right, true
		}
	}
	return "", false
}

var (
	statement = regexp.MustCompile(`(?m)^\s*(SELECT|WITH|INSERT INTO|UPDATE|DELETE FROM|CREATE|ALTER|DROP|GRANT|REVOKE|SET|RESET|DO|REASSIGN|COPY|TRUNCATE|CALL|COMMENT ON|LOCK|CHECKPOINT)\b`)
	quoted    = regexp.MustCompile(`:?'(?:[^']|'')*'|:?"[^"]*"`)
	named     = regexp.MustCompile(`OPERATOR\(pg_catalog\.[^)]*\)`)
	signature = regexp.MustCompile(`(?s)\bFUNCTION\b.*?\b(TO|FROM)\b`)
	extract   = regexp.MustCompile(`(?i)\bextract\s*\(\w+ FROM`)
	setting   = regexp.MustCompile(`(?m)^\s*(SET|ALTER SYSTEM SET)\s+\S+ (=|TO) .*$`)
	callee    = regexp.MustCompile(`([A-Za-z_.][A-Za-z0-9_.]*)\s*\(`)
	operator  = regexp.MustCompile(`[-+*/<>=~!@#%^&|?]+`)
	cast      = regexp.MustCompile(`::\s*([A-Za-z_.]+)`)
	relation  = regexp.MustCompile(`\b(?:FROM|JOIN)\s+([A-Za-z_.]+)`)
	defined   = regexp.MustCompile(`\b([a-z_]+)(?:\([a-z_, ]*\))?\s+AS (?:MATERIALIZED )?\(`)
	hidden    = regexp.MustCompile(`\b(IN|NOT IN|LIKE|ILIKE|BETWEEN|SIMILAR TO|IS DISTINCT FROM|IS NOT DISTINCT FROM|USING)\b`)
)

// unqualified names what the search path decides in a text.
func unqualified(text string) (list []string) {
	text = named.ReplaceAllString(quoted.ReplaceAllString(text, " "), " ")
	text = extract.ReplaceAllString(text, "extract(")
	text = setting.ReplaceAllString(signature.ReplaceAllString(text, " "), " ")
	made := map[string]bool{}
	for _, m := range defined.FindAllStringSubmatch(text, -1) {
		made[m[1]] = true
	}
	for _, m := range callee.FindAllStringSubmatch(text, -1) {
		if !strings.HasPrefix(m[1], "pg_catalog.") && !grammar[strings.ToUpper(m[1])] && !made[m[1]] {
			list = append(list, m[1]+" is not named by pg_catalog")
		}
	}
	for _, m := range cast.FindAllStringSubmatch(text, -1) {
		if !strings.HasPrefix(m[1], "pg_catalog.") {
			list = append(list, "the type "+m[1]+" is not named by pg_catalog")
		}
	}
	for _, m := range relation.FindAllStringSubmatch(text, -1) {
		if !strings.Contains(m[1], ".") && !made[m[1]] && !grammar[m[1]] {
			list = append(list, m[1]+" is not named by its schema")
		}
	}
	star := regexp.MustCompile(`\.\*|\(\*\)`)
	for _, m := range operator.FindAllString(star.ReplaceAllString(text, " "), -1) {
		list = append(list, "the operator "+m+" is not named by pg_catalog")
	}
	for _, m := range hidden.FindAllString(text, -1) {
		list = append(list, m+" calls the operator "+map[string]string{"LIKE": "~~", "ILIKE": "~~*", "BETWEEN": ">="}[m]+map[bool]string{true: "="}[m == "IN" || m == "NOT IN"]+" of the search path")
	}
	return list
}

// grammar are words before a parenthesis that call nothing by the search path.
var grammar = map[string]bool{
	"AS": true, "SELECT": true, "FROM": true, "WHERE": true, "AND": true, "OR": true, "NOT": true, "ON": true, "EXISTS": true, "COALESCE": true, "EXTRACT": true,
	"ANY": true, "ALL": true, "CASE": true, "WHEN": true, "THEN": true, "ELSE": true, "BY": true, "FILTER": true, "LATERAL": true, "VALUES": true, "JOIN": true, "UNION": true,
	"IN": true,
}
